package runscope

import (
	_ "embed"
	"fmt"
)

// The libraries of others that the format gives to scripts, whole and as they were published; see bundled/LICENSES.txt.
var (
	//go:embed bundled/underscore.js
	underscore string
	//go:embed bundled/moment.js
	moment string
	//go:embed bundled/crypto-js.js
	cryptoJS string
)

// bundled returns the code of a library by its global name. The prelude loads it once a script asks for it, under the
// script's own limits: it is too long to be read for each script.
func bundled(name string) (string, error) {
	switch name {
	case "_":
		return underscore, nil
	case "moment":
		return moment, nil
	case "CryptoJS":
		return cryptoJS, nil
	}
	return "", fmt.Errorf("there is no library %q", name)
}

package battery

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"

	"slipway/internal/secret"
)

// names are the values of one run. They follow from the seed alone, so that a recorded run can be repeated to the letter.
type names struct {
	prefix   string // begins every userName and displayName
	tag      string // makes values of this run different from those of another
	digits   string // for telephone numbers
	password secret.Text
	unknown  string // an id that nobody has
	nobody   string // a user name that nobody has
}

func namesFrom(seed uint64) names {
	random := rand.New(rand.NewPCG(seed, 0xba77e41)) //nolint:gosec // no secret hangs on it
	tag := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(binary.BigEndian.AppendUint64(nil, random.Uint64())))
	a, b := random.Uint64(), random.Uint64()
	return names{
		prefix: Prefix + tag + "-", tag: tag[:6], digits: fmt.Sprintf("%04d", random.Uint64()%10000),
		password: secret.NewText(fmt.Sprintf("Battery-%016x!aZ", random.Uint64())), // long, of four kinds of characters: the usual policies
		// It looks like the ids of most services, so that it passes their parsers and reaches the look-up.
		unknown: fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff),
		nobody:  Prefix + "nobody-" + tag + "@example.com",
	}
}

func (n names) secrets() []secret.Text { return []secret.Text{n.password} }

// user is the user name of somebody; it is unique in this run for every who.
func (n names) user(who string) string { return n.prefix + who + "@example.com" }

// group is the name of a group.
func (n names) group(what string) string { return n.prefix + what }

package runscope

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const maxRandomString = 1000

// builtins are the functions that templates and scripts may call without defining them.
type builtins struct {
	now     func() time.Time
	rand    *rand.Rand
	secret  func(key string) (string, bool)
	context map[string]string // runscope_test_name and its like
}

// builtinArgs is the list of functions with the least and the most arguments each takes.
var builtinArgs = map[string][2]int{
	"timestamp": {0, 0}, "utc_datetime": {0, 0}, "uuid": {0, 0},
	"format_timestamp": {2, 2}, "timestamp_offset": {1, 1},
	"random_int": {0, 2}, "random_string": {1, 1},
	"encode_base64": {1, 1}, "url_encode": {1, 1}, "md5": {1, 1}, "sha1": {1, 1}, "sha256": {1, 1},
	"hmac_sha1": {2, 2}, "hmac_sha256": {2, 2}, "get_secret": {1, 1},
}

// contextNames are what a template can ask about the run itself.
var contextNames = []string{
	"runscope_environment", "runscope_environment_uuid", "runscope_bucket", "runscope_bucket_name",
	"runscope_test_uuid", "runscope_test_name", "runscope_region", "runscope_agent",
}

func isBuiltin(name string) bool {
	_, ok := builtinArgs[name]
	return ok || strings.HasPrefix(name, "runscope_")
}

// call evaluates c; ok is false if there is no such function.
func (b *builtins) call(c call) (value string, ok bool, err error) {
	if value, ok := b.context[c.name]; ok && len(c.args) == 0 {
		return value, true, nil
	}
	limits, ok := builtinArgs[c.name]
	if !ok {
		return "", false, nil
	}
	if len(c.args) == 1 && limits[1] == 0 && c.args[0] == "" {
		c.args = nil
	}
	if limits[1] == 1 && len(c.args) > 1 { // a comma within a text: md5(a,b)
		c.args = []string{strings.Join(c.args, ",")}
	}
	if len(c.args) < limits[0] || len(c.args) > limits[1] {
		return "", true, fmt.Errorf("{{%s}} does not take %d arguments", c.name, len(c.args))
	}
	value, err = b.evaluate(c.name, c.args)
	if err != nil {
		return "", true, fmt.Errorf("{{%s}}: %w", c.name, err)
	}
	return value, true, nil
}

func (b *builtins) evaluate(name string, args []string) (string, error) {
	switch name {
	case "timestamp":
		return strconv.FormatInt(b.now().Unix(), 10), nil
	case "utc_datetime":
		return b.now().UTC().Format("2006-01-02T15:04:05Z"), nil
	case "uuid":
		return b.uuid(), nil
	case "format_timestamp":
		return formatTimestamp(args[0], args[1])
	case "timestamp_offset":
		seconds, err := strconv.ParseInt(args[0], 10, 64)
		return strconv.FormatInt(b.now().Unix()+seconds, 10), err
	case "random_int":
		return b.randomInt(args)
	case "random_string":
		return b.randomString(args[0])
	case "get_secret":
		if value, ok := b.secret(args[0]); ok {
			return value, nil
		}
		return "", &missingError{args}
	}
	return encode(name, args), nil
}

func (b *builtins) uuid() string {
	var id [16]byte
	for i := range id {
		id[i] = byte(b.rand.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// randomInt is uniform over 0…2^64−1, or over both bounds and all between them.
func (b *builtins) randomInt(args []string) (string, error) {
	if len(args) == 0 {
		return strconv.FormatUint(b.rand.Uint64(), 10), nil
	}
	if len(args) == 1 {
		return "", fmt.Errorf("it takes no bound or two")
	}
	low, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return "", fmt.Errorf("%q is not an integer", args[0])
	}
	high, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil || high < low {
		return "", fmt.Errorf("%q is not an integer from %d on", args[1], low)
	}
	span := uint64(high-low) + 1 // 0 stands for all of 2^64
	if span == 0 {
		return strconv.FormatInt(int64(b.rand.Uint64()), 10), nil
	}
	return strconv.FormatInt(low+int64(b.rand.Uint64N(span)), 10), nil
}

func (b *builtins) randomString(length string) (string, error) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 || n > maxRandomString {
		return "", fmt.Errorf("%q is not a length up to %d", length, maxRandomString)
	}
	out := make([]byte, n)
	for i := range out {
		out[i] = letters[b.rand.IntN(len(letters))]
	}
	return string(out), nil
}

// formatTimestamp writes unix seconds in UTC with the tokens YYYY YY MM DD HH hh mm ss.
func formatTimestamp(value, format string) (string, error) {
	seconds, ok := number(value)
	if !ok || math.Abs(seconds) > 1e11 {
		return "", fmt.Errorf("%q is not a time in unix seconds", value)
	}
	at := time.Unix(int64(seconds), 0).UTC()
	return strings.NewReplacer(
		"YYYY", at.Format("2006"), "YY", at.Format("06"), "MM", at.Format("01"), "DD", at.Format("02"),
		"HH", at.Format("15"), "hh", at.Format("03"), "mm", at.Format("04"), "ss", at.Format("05"),
	).Replace(format), nil
}

func encode(name string, args []string) string {
	text := []byte(args[0])
	sum := func(h hash.Hash) string {
		_, _ = h.Write(text) // a hash never fails to write
		return hex.EncodeToString(h.Sum(nil))
	}
	switch name {
	case "encode_base64":
		return base64.StdEncoding.EncodeToString(text)
	case "url_encode":
		return strings.ReplaceAll(url.QueryEscape(args[0]), "+", "%20")
	case "md5":
		return sum(md5.New())
	case "sha1":
		return sum(sha1.New())
	case "sha256":
		return sum(sha256.New())
	case "hmac_sha1":
		return sum(hmac.New(sha1.New, []byte(args[1])))
	}
	return sum(hmac.New(sha256.New, []byte(args[1]))) // hmac_sha256
}

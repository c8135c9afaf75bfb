package engine

import (
	"crypto"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // APIs that ask for it are signed for, not trusted
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // as md5
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"hash"
	"maps"
	"slices"
	"strings"

	"slipway/internal/connector/value"
)

// cryptoCards sign.
var cryptoCards = []Card{
	{"crypto/hmac", "HMAC", "algorithm, key, data, digest", "output", "algorithm: md5, sha1, sha224, sha256, sha384, sha512; digest: hex, base64, base64url", signHMAC},
	{"jwt/sign", "Sign", "key, options, payload", "token", "options: algorithm (HS256, HS384, HS512, RS256, RS384, RS512), expiresIn, notBefore, audience, issuer, subject, jwtid, keyid; an RSA key is PEM of at least 2048 bits", signJWT},
}

var hashes = map[string]func() hash.Hash{
	"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

func signHMAC(c *call) (Values, error) {
	algorithm := strings.ToLower(strings.ReplaceAll(c.text("algorithm"), "-", ""))
	kind, known := hashes[algorithm]
	if !known {
		return nil, fail(Unfit, "algorithm: %q is none; there are %s.", shorten(algorithm), strings.Join(slices.Sorted(maps.Keys(hashes)), ", "))
	}
	mac := hmac.New(kind, []byte(c.text("key")))
	mac.Write([]byte(c.text("data")))
	sum := mac.Sum(nil)
	switch digest := strings.ToLower(c.text("digest")); digest {
	case "", "hex":
		return output(hex.EncodeToString(sum))
	case "base64":
		return output(base64.StdEncoding.EncodeToString(sum))
	case "base64url":
		return output(base64.RawURLEncoding.EncodeToString(sum))
	default:
		return nil, fail(Unfit, "digest: %q is none; there are hex, base64, base64url.", shorten(digest))
	}
}

// signJWT makes a JSON Web Token (RFC 7519) of the payload.
func signJWT(c *call) (Values, error) {
	payload, is := c.get("payload").(map[string]any)
	if !is {
		return nil, fail(Unfit, "payload is no object.")
	}
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	claims, err := c.claims(payload, options)
	if err != nil {
		return nil, err
	}
	algorithm := value.Text(options["algorithm"])
	if algorithm == "" {
		algorithm = "HS256"
	}
	header := map[string]any{"alg": algorithm, "typ": "JWT"}
	if id := options["keyid"]; !value.Empty(id) {
		header["kid"] = id
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode(value.Encode(header)) + "." + encode(value.Encode(claims))
	signature, err := signature(algorithm, c.text("key"), []byte(signed))
	if err != nil {
		return nil, err
	}
	token := signed + "." + encode(signature)
	if err := c.within(token); err != nil {
		return nil, err
	}
	return one("token", token), nil
}

// options are the card's, one by one in a group or together in an object; one that is not known would change what is signed.
func (c *call) options() (map[string]any, error) {
	options := map[string]any{}
	if all, is := c.get("options").(map[string]any); is {
		maps.Copy(options, all)
	}
	for _, in := range c.custom("key", "payload", "options") {
		if in.key.Group == "options" && !value.Empty(in.value) {
			options[in.key.Name] = in.value
		}
	}
	known := []string{"algorithm", "expiresIn", "notBefore", "audience", "issuer", "subject", "jwtid", "keyid"}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if !slices.Contains(known, name) && !value.Empty(options[name]) {
			return nil, fail(Unsupported, "The option %q of a signed token is not supported; there are %s.", shorten(name), strings.Join(known, ", "))
		}
	}
	return options, nil
}

// claims are the payload with what the options add to it.
func (c *call) claims(payload, options map[string]any) (map[string]any, error) {
	claims := maps.Clone(payload)
	if claims["iat"] == nil {
		claims["iat"] = float64(c.now().Unix())
	}
	issued, ok := value.Number(claims["iat"])
	if !ok {
		return nil, fail(Unfit, "payload: iat is no number.")
	}
	for option, claim := range map[string]string{"expiresIn": "exp", "notBefore": "nbf"} {
		if value.Empty(options[option]) {
			continue
		}
		seconds, ok := span(options[option])
		if !ok {
			return nil, fail(Unfit, "options.%s: %q is no span of time, such as 3600 or \"1h\".", option, shorten(value.Text(options[option])))
		}
		claims[claim] = issued + seconds
	}
	for option, claim := range map[string]string{"audience": "aud", "issuer": "iss", "subject": "sub", "jwtid": "jti"} {
		if v := options[option]; !value.Empty(v) {
			claims[claim] = v
		}
	}
	return claims, nil
}

// span reads seconds, or a text such as "2 days" or "10h".
func span(v any) (seconds float64, ok bool) {
	if text, is := v.(string); is {
		text = strings.TrimSpace(text)
		digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz ")
		unit := strings.TrimSpace(text[len(digits):])
		n, ok := value.Number(digits)
		if unit == "" {
			return n, ok
		}
		if len(unit) > 2 {
			unit = strings.TrimSuffix(unit, "s")
		}
		u, known := unitNames[unit]
		return n * u.milliseconds / 1000, ok && known && u.milliseconds > 0
	}
	return value.Number(v)
}

// signature signs with a shared secret or an RSA key (RFC 7518 §3.2, §3.3).
func signature(algorithm, key string, signed []byte) ([]byte, error) {
	sizes := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}
	family, size := algorithm, ""
	if len(algorithm) > 2 {
		family, size = algorithm[:2], algorithm[2:]
	}
	kind, known := sizes[size]
	if !known || family != "HS" && family != "RS" {
		return nil, fail(Unsupported, "Tokens are signed with HS256, HS384, HS512, RS256, RS384 and RS512, not with %q.", shorten(algorithm))
	}
	if key == "" {
		return nil, fail(Unfit, "key is empty.")
	}
	if family == "HS" {
		mac := hmac.New(kind.New, []byte(key))
		mac.Write(signed)
		return mac.Sum(nil), nil
	}
	private, err := rsaKey(key)
	if err != nil {
		return nil, err
	}
	sum := kind.New()
	sum.Write(signed)
	signature, err := rsa.SignPKCS1v15(nil, private, kind, sum.Sum(nil))
	if err != nil {
		return nil, fail(Unfit, "key: this key cannot sign.")
	}
	return signature, nil
}

// rsaKey reads a private key in PEM. What is wrong with it is said without its text.
func rsaKey(text string) (*rsa.PrivateKey, error) {
	const least, most = 2048, 8192
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fail(Unfit, "key is no private key in PEM.")
	}
	private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		of, is := parsed.(*rsa.PrivateKey)
		if err != nil || !is {
			return nil, fail(Unfit, "key is no private RSA key in PEM.")
		}
		private = of
	}
	if bits := private.N.BitLen(); bits < least || bits > most {
		return nil, fail(Unfit, "key has %d bits; a token is signed with %d to %d.", bits, least, most)
	}
	return private, nil
}

package engine

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
)

var ofRSA = func() string {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	bytes, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytes}))
}()

var cryptoRows = []row{
	{says: "signs, in hex", op: "crypto/hmac", in: fields("algorithm", "sha256", "key", "key", "data", "The quick brown fox jumps over the lazy dog", "digest", "hex"), want: gives{"output": "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"}},
	{says: "signs, in Base64", op: "crypto/hmac", in: fields("algorithm", "SHA-1", "key", "key", "data", "The quick brown fox jumps over the lazy dog", "digest", "base64"), want: gives{"output": "3nybhbi3iqa8ino29wqQcBydtNk="}},
	{says: "names an algorithm that it does not know", op: "crypto/hmac", in: fields("algorithm", "crc"), fails: `algorithm: "crc" is none; there are md5, sha1, sha224`},
	{says: "names a digest that it does not know", op: "crypto/hmac", in: fields("algorithm", "md5", "digest", "octal"), fails: `digest: "octal" is none`},
	{says: "signs with a shared secret", op: "jwt/sign", in: fields("key", "your-256-bit-secret", "payload", object{"sub": "1234567890", "name": "John Doe", "iat": 1516239022.0}, "options|algorithm", "HS256"), want: gives{"token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE1MTYyMzkwMjIsIm5hbWUiOiJKb2huIERvZSIsInN1YiI6IjEyMzQ1Njc4OTAifQ.fdOPQ05ZfRhkST2-rIWgUpbqUsVhkkNVNcuG7Ki0s-8"}},
	{says: "signs nothing without a key", op: "jwt/sign", in: fields("payload", object{}), fails: "key is empty."},
	{says: "signs only an object", op: "jwt/sign", in: fields("key", "k", "payload", "x"), fails: "payload is no object."},
	{says: "does not sign with none", op: "jwt/sign", in: fields("key", "k", "payload", object{}, "options|algorithm", "none"), fails: `not with "none"`, kind: Unsupported},
	{says: "refuses an option that it does not know", op: "jwt/sign", in: fields("key", "k", "payload", object{}, "options|mutatePayload", true), fails: `The option "mutatePayload" of a signed token is not supported`, kind: Unsupported},
	{says: "says where a key is none, without showing it", op: "jwt/sign", in: fields("key", "hunter2", "payload", object{}, "options|algorithm", "RS256"), fails: "key is no private key in PEM."},
	{says: "says where a span of time is none", op: "jwt/sign", in: fields("key", "k", "payload", object{}, "options|expiresIn", "soon"), fails: `options.expiresIn: "soon" is no span of time`},
}

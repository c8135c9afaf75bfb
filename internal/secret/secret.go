// Package secret holds values that seal themselves.
//
// A Text never prints, marshals or logs its value; only Reveal gives it out. A Keyset seals bytes for
// storage and binds each to the place where it lies (table/id/column), so a sealed value moved to another
// row does not open. Where sealed values are kept is the store's business.
package secret

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"unique"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Redacted stands wherever a secret would have stood.
const Redacted = "[redacted]"

// Text is a secret string. Its zero value is no secret; two with the same value are equal.
//
// The value lies behind a handle: fmt cannot call methods of an unexported field, and would print a plain string.
type Text struct{ handle unique.Handle[string] }

// NewText wraps a value that must not be shown.
func NewText(value string) Text {
	if value == "" {
		return Text{}
	}
	return Text{unique.Make(value)}
}

// Reveal returns the value. Call it only where the value leaves for its one purpose.
func (t Text) Reveal() string {
	if t.IsZero() {
		return ""
	}
	return t.handle.Value()
}

// IsZero reports whether there is no secret.
func (t Text) IsZero() bool { return t == Text{} }

func (t Text) String() string                { return t.mask() }
func (t Text) GoString() string              { return t.mask() }
func (t Text) LogValue() slog.Value          { return slog.StringValue(t.mask()) }
func (t Text) MarshalText() ([]byte, error)  { return []byte(t.mask()), nil }
func (t Text) Format(s fmt.State, verb rune) { _, _ = s.Write([]byte(t.mask())) }

func (t Text) mask() string {
	if t.IsZero() {
		return ""
	}
	return Redacted
}

// Keyset seals and opens values with XAES-256-GCM. It is safe for concurrent use.
type Keyset struct{ primitive tink.AEAD }

// NewKeyset generates a fresh key and returns it with its JSON form, which is itself a secret.
func NewKeyset() (*Keyset, []byte, error) {
	handle, err := keyset.NewHandle(aead.XAES256GCM192BitNonceKeyTemplate())
	if err != nil {
		return nil, nil, fmt.Errorf("generate keyset: %w", err)
	}
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&out)); err != nil {
		return nil, nil, fmt.Errorf("write keyset: %w", err)
	}
	k, err := open(handle)
	return k, out.Bytes(), err
}

// ParseKeyset reads a keyset's JSON form.
func ParseKeyset(data []byte) (*Keyset, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(data)))
	if err != nil {
		return nil, errors.New("parse keyset: not a Tink JSON keyset") // the cause may quote the key
	}
	return open(handle)
}

// LoadOrCreate reads the keyset file, or makes one with mode 0600. A file that others can read is refused.
func LoadOrCreate(path string) (*Keyset, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read keyset: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the keyset %s can be read by others (mode %o): run chmod 600 on it", path, info.Mode().Perm())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read keyset: %w", err)
	}
	return ParseKeyset(data)
}

func create(path string) (*Keyset, error) {
	k, data, err := NewKeyset()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create keyset: %w", err)
	}
	// O_EXCL: of two processes that start at once, one creates the key and the other must read it.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return LoadOrCreate(path)
	}
	if err != nil {
		return nil, fmt.Errorf("create keyset: %w", err)
	}
	if _, err := f.Write(data); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return k, errors.Join(f.Sync(), f.Close())
}

func open(handle *keyset.Handle) (*Keyset, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("open keyset: %w", err)
	}
	return &Keyset{primitive}, nil
}

// Place says where a sealed value lies. It is authenticated, not secret.
func Place(table, id, column string) string { return strings.Join([]string{table, id, column}, "/") }

// Seal encrypts text for place. The zero Text seals to nil.
func (k *Keyset) Seal(place string, text Text) ([]byte, error) {
	if text.IsZero() {
		return nil, nil
	}
	sealed, err := k.primitive.Encrypt([]byte(text.Reveal()), []byte(place))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", place, err)
	}
	return sealed, nil
}

// Open decrypts what Seal made for the same place; it fails for any other place (H-23).
func (k *Keyset) Open(place string, sealed []byte) (Text, error) {
	if len(sealed) == 0 {
		return Text{}, nil
	}
	plain, err := k.primitive.Decrypt(sealed, []byte(place))
	if err != nil {
		return Text{}, fmt.Errorf("open %s: %w", place, err)
	}
	return NewText(string(plain)), nil
}

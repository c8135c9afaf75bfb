package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"regexp"
	"slices"
)

const (
	maxLogoBytes  = 999_999   // "less than 1 MB", read strictly (D-05)
	maxLogoPixels = 4_000_000 // looked at before anything is decoded
)

// Logo is an accepted image. What is served and hashed is our own PNG of its pixels: nothing else that the
// uploaded file contained survives.
type Logo struct {
	Type   string // of the upload: "image/png", "image/jpeg" or "image/gif"
	Width  int
	Height int
	SHA256 string // of Served, in hexadecimal; the value of the field "logo"
	Served []byte // a PNG without metadata
}

// format is one of the three kinds of image, told by how the file begins (L-010).
type format struct {
	mime   string
	magic  string
	config func(data []byte) (image.Config, error)
	decode func(data []byte) (image.Image, error)
}

var formats = []format{
	{"image/png", "\x89PNG\r\n\x1a\n", pngConfig, decodePNG},
	{"image/jpeg", "\xff\xd8\xff", jpegConfig, decodeJPEG},
	{"image/gif", "GIF87a", gifConfig, decodeGIF},
	{"image/gif", "GIF89a", gifConfig, decodeGIF},
}

var logoSizes = []image.Point{{244, 244}, {200, 200}, {244, 156}, {156, 244}}

// SniffLogo looks at an uploaded file, whatever its name says (L-010 to L-021). If a problem blocks, the Logo
// is zero and the previous one stays; warnings and hints come with a valid Logo. That no ™ or ® is in it (L-018) is
// for the reviewer to see.
func SniffLogo(data []byte) (Logo, []Problem) {
	img, f, problems := decodeLogo(data)
	if problems != nil {
		return Logo{}, atLogo(problems)
	}
	var served bytes.Buffer
	if err := png.Encode(&served, img); err != nil {
		return Logo{}, atLogo(blocks("L-020", "The image cannot be written as a PNG.", "Save it again as a PNG."))
	}
	sum := sha256.Sum256(served.Bytes())
	size := img.Bounds().Size()
	logo := Logo{f.mime, size.X, size.Y, hex.EncodeToString(sum[:]), served.Bytes()}
	return logo, atLogo(lookAt(img, f.mime))
}

// decodeLogo opens the file step by step, the cheapest refusal first.
func decodeLogo(data []byte) (*image.NRGBA, format, []Problem) {
	if len(data) > maxLogoBytes {
		return nil, format{}, blocks("L-011", fmt.Sprintf("The file has %d bytes; it must have less than 1,000,000.", len(data)), "Save it with fewer colours, or as a PNG.")
	}
	at := slices.IndexFunc(formats, func(f format) bool { return bytes.HasPrefix(data, []byte(f.magic)) })
	if at < 0 {
		return nil, format{}, blocks("L-010", "The file is not a PNG, JPEG or GIF, whatever its name says.", "Save the image as a PNG and upload that.")
	}
	f := formats[at]
	config, err := f.config(data)
	switch {
	case err != nil:
		return nil, f, unreadable()
	case config.Width*config.Height > maxLogoPixels:
		return nil, f, blocks("L-020", fmt.Sprintf("The image has %d×%d pixels, which is too many to open.", config.Width, config.Height), "Scale it to 244×244.")
	case !slices.Contains(logoSizes, image.Pt(config.Width, config.Height)):
		return nil, f, blocks("L-012", fmt.Sprintf("The image has %d×%d pixels.", config.Width, config.Height), "Scale it to 244×244, 200×200, 244×156 or 156×244.")
	}
	img, err := f.decode(data)
	if err != nil {
		return nil, f, unreadable()
	}
	if moves(data, f) {
		return nil, f, blocks("L-020", "The image is animated.", "Upload a single picture.")
	}
	return plain(img, config), f, nil
}

func unreadable() []Problem {
	return blocks("L-020", "The image is damaged: it cannot be opened to its end.", "Save it again and upload that.")
}

// plain copies the pixels into a picture of the declared size. A GIF's first frame may cover only a part of it.
func plain(img image.Image, config image.Config) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, config.Width, config.Height))
	draw.Draw(out, img.Bounds(), img, img.Bounds().Min, draw.Src)
	return out
}

func pngConfig(data []byte) (image.Config, error)  { return png.DecodeConfig(bytes.NewReader(data)) }
func jpegConfig(data []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(data)) }
func gifConfig(data []byte) (image.Config, error)  { return gif.DecodeConfig(bytes.NewReader(data)) }
func decodePNG(data []byte) (image.Image, error)   { return png.Decode(bytes.NewReader(data)) }
func decodeJPEG(data []byte) (image.Image, error)  { return jpeg.Decode(bytes.NewReader(data)) }

// decodeGIF reads the first frame only: a small file can hold frames for gigabytes.
func decodeGIF(data []byte) (image.Image, error) { return gif.Decode(bytes.NewReader(data)) }

// moves reports whether the file holds more than one frame.
func moves(data []byte, f format) bool {
	switch f.mime {
	case "image/png":
		return hasChunk(data, "acTL")
	case "image/gif":
		return secondFrame(data)
	}
	return false
}

// hasChunk walks a PNG's chunks up to the pixels (PNG §5.3). The file has been decoded, so lengths are sound.
func hasChunk(data []byte, name string) bool {
	for at := 8; at+8 <= len(data); {
		kind := string(data[at+4 : at+8])
		if kind == name || kind == "IDAT" {
			return kind == name
		}
		at += 12 + int(binary.BigEndian.Uint32(data[at:]))
	}
	return false
}

// secondFrame reports whether another image follows the first one in a GIF (GIF89a §20, §24).
func secondFrame(data []byte) bool {
	r := bytes.NewReader(data)
	if _, err := gif.Decode(r); err != nil { // leaves r behind the first frame
		return false
	}
	rest := data[len(data)-r.Len():]
	for len(rest) > 2 && rest[0] == 0x21 { // an extension: skip its sub-blocks
		rest = rest[2:]
		for len(rest) > 0 && rest[0] != 0 {
			rest = rest[min(len(rest), 1+int(rest[0])):]
		}
		rest = rest[min(len(rest), 1):]
	}
	return len(rest) > 0 && rest[0] == 0x2c
}

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// logoHash checks the form of the field's value. That the image exists is the store's to know.
func logoHash(v string) []Problem {
	if hashForm.MatchString(v) {
		return nil
	}
	return blocks("L-010", "This is no image that was uploaded here.", "Upload the icon.")
}

func atLogo(problems []Problem) []Problem {
	for i := range problems {
		problems[i].Key = "logo"
	}
	return problems
}

package manifest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var teal = color.NRGBA{0x0d, 0x80, 0x80, 0xff}

// drawing is a transparent picture with a rectangle of one colour in it.
func drawing(width, height int, ink image.Rectangle, c color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, ink, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

// disc is the picture that no rule has anything to say about: a round icon that fills its square.
func disc() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 244, 244))
	for y := range 244 {
		for x := range 244 {
			if dx, dy := x-122, y-122; dx*dx+dy*dy <= 122*122 {
				img.SetNRGBA(x, y, teal)
			}
		}
	}
	return img
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asGIF(t testing.TB, frames int) []byte {
	t.Helper()
	g := &gif.GIF{}
	for range frames {
		frame := image.NewPaletted(image.Rect(0, 0, 200, 200), color.Palette{color.Transparent, teal})
		draw.Draw(frame, image.Rect(10, 10, 190, 190), image.NewUniform(teal), image.Point{}, draw.Src)
		g.Image, g.Delay = append(g.Image, frame), append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// chunk puts a chunk behind a PNG's header.
func chunk(data []byte, kind string, body []byte) []byte {
	c := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	c = append(append(c, kind...), body...)
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
	const header = 8 + 25 // signature and IHDR
	return slices.Concat(data[:header], c, data[header:])
}

// padded is a valid PNG of exactly this many bytes.
func padded(t testing.TB, size int) []byte {
	data := asPNG(t, disc())
	return chunk(data, "teXt", make([]byte, size-len(data)-12))
}

// header is a PNG that declares a size and has no pixels.
func header(width, height uint32) []byte {
	body := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	body = append(body, 8, 6, 0, 0, 0)
	c := append([]byte("IHDR"), body...)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(out, c...), crc32.ChecksumIEEE(c))
}

// Covers, L-010, L-011, L-012, L-020.
func TestWhatIsALogo(t *testing.T) {
	good := asPNG(t, disc())
	for _, tt := range []struct {
		name string
		data []byte
		kind string // of an accepted file
		rule string // that refuses the others
	}{
		{"a PNG", good, "image/png", ""},
		{"a JPEG", asJPEG(t, disc()), "image/jpeg", ""},
		{"a GIF", asGIF(t, 1), "image/gif", ""},
		{"244 by 156", asPNG(t, drawing(244, 156, image.Rect(0, 0, 244, 156), teal)), "image/png", ""},
		{"156 by 244", asPNG(t, drawing(156, 244, image.Rect(0, 0, 156, 244), teal)), "image/png", ""},
		{"999,999 bytes", padded(t, 999_999), "image/png", ""},
		{"1,000,000 bytes", padded(t, 1_000_000), "", "L-011"},
		{"nothing", nil, "", "L-010"},
		{"an SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "", "L-010"},
		{"a PDF, whatever it is named", []byte("%PDF-1.7\n"), "", "L-010"},
		{"a WebP", []byte("RIFF\x24\x00\x00\x00WEBPVP8 "), "", "L-010"},
		{"a picture with a page before it", slices.Concat([]byte("<html>"), good), "", "L-010"},
		{"201 by 200", asPNG(t, drawing(201, 200, image.Rect(0, 0, 200, 200), teal)), "", "L-012"},
		{"156 by 156", asPNG(t, drawing(156, 156, image.Rect(0, 0, 156, 156), teal)), "", "L-012"},
		{"more pixels than anybody should open", header(65_535, 65_535), "", "L-020"},
		{"more pixels than fit into a number", header(0x7fffffff, 0x7fffffff), "", "L-020"},
		{"a header without pixels", header(244, 244), "", "L-020"},
		{"a picture that breaks off", good[:len(good)/2], "", "L-020"},
		{"a JPEG that breaks off", asJPEG(t, disc())[:700], "", "L-020"},
		{"a GIF that breaks off", asGIF(t, 1)[:200], "", "L-020"},
		{"a PNG with a broken sum", slices.Concat(good[:len(good)-20], []byte{1, 2, 3, 4}, good[len(good)-16:]), "", "L-020"},
		{"an animated GIF", asGIF(t, 2), "", "L-020"},
		{"an animated PNG", chunk(good, "acTL", make([]byte, 8)), "", "L-020"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			logo, problems := SniffLogo(tt.data)
			refused := slices.ContainsFunc(problems, Problem.blocking)
			if logo.Type != tt.kind || refused != (tt.rule != "") {
				t.Fatalf("type %q, problems %+v", logo.Type, problems)
			}
			if refused && (len(problems) != 1 || problems[0].Rule != tt.rule || problems[0].Key != "logo" || problems[0].Fix == "" || logo.SHA256 != "") {
				t.Errorf("got %+v, want %s", problems, tt.rule)
			}
		})
	}
}

// Covers L-020: what is served is our own file, and nothing of the upload but its pixels is in it.
func TestWhatIsServedHasBeenDrawnAnew(t *testing.T) {
	data := append(chunk(asPNG(t, disc()), "tEXt", []byte("Comment\x00<script>secret</script>")), "<?php ?>"...)
	logo, _ := SniffLogo(data)
	if bytes.Contains(logo.Served, []byte("script")) || bytes.Contains(logo.Served, []byte("php")) {
		t.Error("metadata of the upload is served")
	}
	again, problems := SniffLogo(logo.Served)
	if again.SHA256 != logo.SHA256 || len(problems) != 0 || logo.Width != 244 || logo.Height != 244 {
		t.Errorf("the served file is another logo: %+v %+v", again, problems)
	}
	if other, _ := SniffLogo(asPNG(t, disc())); other.SHA256 != logo.SHA256 {
		t.Error("the same pixels have two hashes")
	}
	if problems := logoHash(logo.SHA256); problems != nil {
		t.Errorf("the hash is no value of the field: %v", problems)
	}
	if problems := logoHash(strings.ToUpper(logo.SHA256)); problems == nil {
		t.Error("another spelling of the hash is accepted")
	}
}

// Covers L-013, L-014, L-015, L-016, L-017, L-019, L-021.
func TestAdviceAboutALogo(t *testing.T) {
	opaque := func(background color.NRGBA, ink image.Rectangle) *image.NRGBA {
		img := drawing(200, 200, image.Rect(0, 0, 200, 200), background)
		draw.Draw(img, ink, image.NewUniform(teal), image.Point{}, draw.Src)
		return img
	}
	rounded := drawing(200, 200, image.Rect(0, 0, 200, 200), teal)
	for _, p := range []image.Point{{0, 0}, {190, 0}, {0, 190}, {190, 190}} {
		draw.Draw(rounded, image.Rectangle{p, p.Add(image.Pt(10, 10))}, image.Transparent, image.Point{}, draw.Src)
	}
	photo := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range photo.Pix {
		photo.Pix[i] = uint8(random.Uint32()) | uint8(i%4/3*255)
	}
	white, almostBlack := color.NRGBA{255, 255, 255, 255}, color.NRGBA{0x10, 0x18, 0x28, 255}
	for _, tt := range []struct {
		name string
		data []byte
		want []string
	}{
		{"a round icon that fills its square", asPNG(t, disc()), nil},
		{"a square mark in a wide picture", asPNG(t, drawing(244, 156, image.Rect(44, 0, 200, 156), teal)), []string{"L-013 I", "L-019 W"}},
		{"a wide mark in a wide picture", asPNG(t, drawing(244, 156, image.Rect(0, 10, 244, 146), teal)), nil},
		{"a JPEG has no transparency", asJPEG(t, photo), []string{"L-014 I"}},
		{"an opaque PNG", asPNG(t, photo), []string{"L-014 I"}},
		{"a mark on white", asPNG(t, opaque(white, image.Rect(20, 20, 180, 180))), []string{"L-014 I", "L-015 W"}},
		{"a mark on white as JPEG", asJPEG(t, opaque(white, image.Rect(20, 20, 180, 180))), []string{"L-014 I", "L-015 W"}},
		{"nothing but one colour", asPNG(t, opaque(teal, image.Rectangle{})), []string{"L-015 W"}},
		{"nothing at all", asPNG(t, image.NewNRGBA(image.Rect(0, 0, 200, 200))), []string{"L-015 W"}},
		{"rounded corners", asPNG(t, rounded), []string{"L-016 W"}},
		{"a written name", asPNG(t, drawing(200, 200, image.Rect(0, 60, 200, 140), teal)), []string{"L-017 W", "L-019 W"}},
		{"a small mark", asPNG(t, drawing(200, 200, image.Rect(50, 50, 150, 150), teal)), []string{"L-019 W"}},
		{"a white mark is not seen on a light page", asPNG(t, drawing(200, 200, image.Rect(10, 10, 190, 190), white)), []string{"L-021 I"}},
		{"a black mark is not seen on a dark page", asPNG(t, drawing(200, 200, image.Rect(10, 10, 190, 190), almostBlack)), []string{"L-021 I"}},
		{"a GIF", asGIF(t, 1), []string{"L-014 I"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			logo, problems := SniffLogo(tt.data)
			var got []string
			for _, p := range problems {
				got = append(got, p.Rule+" "+string(p.Severity))
			}
			if logo.SHA256 == "" || !slices.Equal(got, tt.want) {
				t.Errorf("got %+v, want %v", problems, tt.want)
			}
		})
	}
}

func FuzzSniffLogo(f *testing.F) {
	f.Add(asPNG(f, drawing(200, 200, image.Rect(0, 0, 9, 9), teal)))
	f.Add(asJPEG(f, drawing(200, 200, image.Rect(0, 0, 9, 9), teal)))
	f.Add(asGIF(f, 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		logo, problems := SniffLogo(data)
		if refused := slices.ContainsFunc(problems, Problem.blocking); refused == (logo.SHA256 != "") {
			t.Fatalf("%+v with %+v", logo, problems)
		}
	})
}

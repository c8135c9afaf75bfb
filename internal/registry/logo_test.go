package registry

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// logo draws a PNG of an allowed size: a disc on a transparent ground.
func logo(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	for y := range 200 {
		for x := range 200 {
			if (x-100)*(x-100)+(y-100)*(y-100) < 95*95 {
				img.Set(x, y, color.NRGBA{R: 0x20, G: 0x60, B: 0xa0, A: 0xff})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

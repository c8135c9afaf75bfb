package main

import (
	"bytes"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"math"
)

// sampleLogo draws an icon of 244×244 pixels: a disc with two waves, in a colour that follows from the name.
func sampleLogo(name string) ([]byte, error) {
	const size, radius = 244, 120.0
	hue := fnv.New32a()
	_, _ = hue.Write([]byte(name)) // never fails
	ground, wave := harbourColours(hue.Sum32())
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			dx, dy := float64(x)-size/2+.5, float64(y)-size/2+.5
			c := ground
			if crest := 18 * math.Sin(dx/22); dy > 10+crest && dy < 34+crest || dy > 56+crest && dy < 80+crest {
				c = wave
			}
			// The rim fades over two pixels, so that it looks round and its corners are clear.
			c.A = uint8(255 * math.Max(0, math.Min(1, (radius-math.Hypot(dx, dy))/2)))
			img.SetNRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// harbourColours picks one of a few calm pairs.
func harbourColours(seed uint32) (ground, wave color.NRGBA) {
	pairs := [][2]color.NRGBA{
		{{11, 92, 107, 255}, {255, 255, 255, 255}},
		{{120, 53, 15, 255}, {253, 230, 138, 255}},
		{{49, 46, 129, 255}, {199, 210, 254, 255}},
		{{20, 83, 45, 255}, {187, 247, 208, 255}},
	}
	pair := pairs[seed%uint32(len(pairs))]
	return pair[0], pair[1]
}

package manifest

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// look is what the advice about a logo is drawn from.
type look struct {
	img        *image.NRGBA
	mime       string
	opaque     bool            // no pixel lets the card shine through
	background *color.NRGBA    // the one colour of an opaque picture's border, if it is one
	ink        image.Rectangle // the smallest box around what is drawn
}

// lookAt returns the warnings and hints about an image that is accepted (L-013 to L-017, L-019, L-021).
func lookAt(img *image.NRGBA, mime string) []Problem {
	l := look{img: img, mime: mime, opaque: img.Opaque()}
	l.background = l.borderColour()
	l.ink = l.inkBox()
	if l.ink.Empty() {
		return warns("L-015", "The image is empty: it has one colour only.", "Upload the icon itself.")
	}
	var problems []Problem
	for _, advice := range []func(look) []Problem{
		look.shape, look.transparency, look.backgroundColour, look.roundedCorners, look.wordMark, look.emptySpace, look.contrast,
	} {
		problems = append(problems, advice(l)...)
	}
	return problems
}

// shape is L-013.
func (l look) shape() []Problem {
	size, ink := l.img.Bounds().Size(), l.ink.Size()
	if aspect := float64(ink.X) / float64(ink.Y); size.X == size.Y || aspect < 0.8 || aspect > 1.25 {
		return nil
	}
	return hints("L-013", "What is drawn is about square, the picture is not.", "Use 244×244 for a round icon, 200×200 for a square one.")
}

// transparency is L-014.
func (l look) transparency() []Problem {
	if l.mime == "image/png" && !l.opaque {
		return nil
	}
	return hints("L-014", "The image has no soft transparency.", "A PNG with a transparent background looks best on every page.")
}

// backgroundColour is L-015.
func (l look) backgroundColour() []Problem {
	if l.background == nil {
		return nil
	}
	return warns("L-015", "The icon stands on a background of one colour.", "Make the background transparent, unless it is part of the mark.")
}

// roundedCorners is L-016: transparent corners between edges that are opaque for the most part. A disc touches
// its edges with a few pixels only and is not meant.
func (l look) roundedCorners() []Problem {
	b := l.img.Bounds()
	for _, corner := range []image.Point{b.Min, {b.Max.X - 1, 0}, {0, b.Max.Y - 1}, {b.Max.X - 1, b.Max.Y - 1}} {
		if l.img.NRGBAAt(corner.X, corner.Y).A >= 128 {
			return nil
		}
	}
	for _, edge := range l.edges() {
		solid := 0
		for _, p := range edge {
			if l.img.NRGBAAt(p.X, p.Y).A >= 128 {
				solid++
			}
		}
		if 2*solid < len(edge) {
			return nil
		}
	}
	return warns("L-016", "The icon has rounded corners of its own.", "Fill the square: pages round the corners themselves.")
}

// wordMark is L-017.
func (l look) wordMark() []Problem {
	ink := l.ink.Size()
	if float64(ink.X) <= 2.2*float64(ink.Y) {
		return nil
	}
	return warns("L-017", "What is drawn is long and flat, like a written name.", "Upload the icon without the name.")
}

// emptySpace is L-019.
func (l look) emptySpace() []Problem {
	size, ink := l.img.Bounds().Size(), l.ink.Size()
	across, down := size.X-ink.X, size.Y-ink.Y
	if 3*across <= size.X && 3*down <= size.Y {
		return nil
	}
	return warns("L-019", fmt.Sprintf("Much of the picture is empty: %d of %d pixels across, %d of %d down.", across, size.X, down, size.Y),
		"Let the icon fill the picture.")
}

// contrast is L-021, measured against the two cards that the catalog is shown on. An opaque picture brings its own card.
func (l look) contrast() []Problem {
	if l.opaque {
		return nil
	}
	ink := l.inkLuminance()
	for _, card := range []struct {
		name      string
		luminance float64
	}{{"light", 1}, {"dark", luminance(color.NRGBA{0x18, 0x24, 0x33, 0xff})}} {
		if ratio := (max(ink, card.luminance) + 0.05) / (min(ink, card.luminance) + 0.05); ratio < 3 {
			return hints("L-021", fmt.Sprintf("The icon is hard to see on a %s page: its contrast is %.1f to 1, 3 to 1 is needed.", card.name, ratio),
				"Choose a colour between, or give the icon a background.")
		}
	}
	return nil
}

// edges returns the points of the four outermost lines.
func (l look) edges() [4][]image.Point {
	var edges [4][]image.Point
	b := l.img.Bounds()
	for x := range b.Max.X {
		edges[0] = append(edges[0], image.Pt(x, 0))
		edges[1] = append(edges[1], image.Pt(x, b.Max.Y-1))
	}
	for y := range b.Max.Y {
		edges[2] = append(edges[2], image.Pt(0, y))
		edges[3] = append(edges[3], image.Pt(b.Max.X-1, y))
	}
	return edges
}

// borderColour returns the colour of the border of an opaque picture, if nearly all of it has that one colour.
func (l look) borderColour() *color.NRGBA {
	if !l.opaque {
		return nil
	}
	first, same, all := l.img.NRGBAAt(0, 0), 0, 0
	for _, edge := range l.edges() {
		for _, p := range edge {
			all++
			if alike(l.img.NRGBAAt(p.X, p.Y), first) {
				same++
			}
		}
	}
	if 100*same < 99*all {
		return nil
	}
	return &first
}

func (l look) isInk(p color.NRGBA) bool {
	switch {
	case !l.opaque:
		return p.A >= 32
	case l.background != nil:
		return !alike(p, *l.background)
	}
	return true
}

func (l look) inkBox() image.Rectangle {
	box := image.Rectangle{}
	for y := range l.img.Bounds().Max.Y {
		for x := range l.img.Bounds().Max.X {
			if l.isInk(l.img.NRGBAAt(x, y)) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// inkLuminance is the mean relative luminance of what is drawn, weighted by its opacity.
func (l look) inkLuminance() float64 {
	var sum, weight float64
	for y := l.ink.Min.Y; y < l.ink.Max.Y; y++ {
		for x := l.ink.Min.X; x < l.ink.Max.X; x++ {
			if p := l.img.NRGBAAt(x, y); l.isInk(p) {
				sum += luminance(p) * float64(p.A)
				weight += float64(p.A)
			}
		}
	}
	return sum / weight
}

// alike forgives what JPEG does to a plain colour.
func alike(a, b color.NRGBA) bool {
	near := func(x, y uint8) bool { return max(x, y)-min(x, y) <= 12 }
	return near(a.R, b.R) && near(a.G, b.G) && near(a.B, b.B)
}

// luminance is the relative luminance of WCAG 2.2, from 0 for black to 1 for white.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

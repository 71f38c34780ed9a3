package document

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"sync"
)

// drawing is one at a time: a picture of 24 million pixels needs some 200 MB while it is drawn anew.
var drawing sync.Mutex

const quality = 90 // of a JPEG

func redrawPNG(content []byte) ([]byte, int, error) {
	config, err := png.DecodeConfig(bytes.NewReader(content))
	if err := drawable(config, err); err != nil {
		return nil, 0, err
	}
	drawing.Lock()
	defer drawing.Unlock()
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, 0, broken
	}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, picture)
	return out.Bytes(), 0, kept(&out, err)
}

func redrawJPEG(content []byte) ([]byte, int, error) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(content))
	if err := drawable(config, err); err != nil {
		return nil, 0, err
	}
	drawing.Lock()
	defer drawing.Unlock()
	picture, err := jpeg.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, 0, broken
	}
	var out bytes.Buffer
	err = jpeg.Encode(&out, upright(picture, orientation(content)), &jpeg.Options{Quality: quality})
	return out.Bytes(), 0, kept(&out, err)
}

var broken = refused("The picture cannot be read to its end. Take or save it again")

// drawable looks at what a picture says of itself: one that is too large is not drawn at all.
func drawable(c image.Config, err error) error {
	switch {
	case err != nil || c.Width <= 0 || c.Height <= 0:
		return broken
	case int64(c.Width)*int64(c.Height) > MaxPixels:
		return refused("The picture has more than 24 million pixels. Choose a smaller one")
	}
	return nil
}

func kept(out *bytes.Buffer, err error) error {
	if err == nil && out.Len() > MaxSize {
		return refused("The picture has more than 25 MB. Choose a smaller one")
	}
	return err
}

// upright turns a picture as its camera was held, since what said so is not kept.
func upright(p image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return p
	}
	from := image.NewRGBA(image.Rect(0, 0, p.Bounds().Dx(), p.Bounds().Dy()))
	draw.Draw(from, from.Bounds(), p, p.Bounds().Min, draw.Src)
	w, h := from.Rect.Dx(), from.Rect.Dy()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation > 4 {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := turned(orientation, x, y, w, h)
			copy(to.Pix[to.PixOffset(tx, ty):][:4], from.Pix[from.PixOffset(x, y):][:4])
		}
	}
	return to
}

// turned is where a pixel goes, by the number that EXIF has for it.
func turned(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	}
	return y, w - 1 - x
}

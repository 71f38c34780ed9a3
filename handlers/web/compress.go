package web

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/labstack/echo/v4"
)

// compressFrom is the size in bytes from which compression is worth the work of both sides.
const compressFrom = 1024

// zstdEncoder shares its state between requests; the window is small because pages are.
var zstdEncoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(128<<10),
		zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // options that contradict each other
	}
	return e
})

var gzipWriters = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err)
	}
	return w
}}

// compress sends a body in the shortest encoding that the visitor reads. Pages are compressed each time: each is made
// for one visitor.
func compress(c echo.Context, status int, contentType string, body []byte) error {
	h := c.Response().Header()
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	coding, packed := "", buffers.Get().(*bytes.Buffer)
	defer buffers.Put(packed) // the answer is written by then
	packed.Reset()
	if len(body) >= compressFrom && strings.HasPrefix(contentType, "text/") {
		coding = chooseEncoding(c.Request().Header.Get(echo.HeaderAcceptEncoding))
	}
	switch coding {
	case "zstd":
		packed.Grow(len(body) / 2)
		body = zstdEncoder().EncodeAll(body, packed.AvailableBuffer())
	case "gzip":
		if err := gzipped(packed, body); err != nil {
			return err
		}
		body = packed.Bytes()
	}
	if coding != "" {
		h.Set(echo.HeaderContentEncoding, coding)
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	return c.Blob(status, contentType, body)
}

func gzipped(to *bytes.Buffer, body []byte) error {
	w := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(w)
	w.Reset(to)
	if _, err := w.Write(body); err != nil {
		return err
	}
	return w.Close()
}

// chooseEncoding picks zstd before gzip among what the header allows.
func chooseEncoding(accept string) string {
	best := ""
	for part := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), ";")
		value, given := strings.CutPrefix(strings.TrimSpace(weight), "q=")
		if q, err := strconv.ParseFloat(value, 64); given && (err != nil || q == 0) {
			continue
		}
		switch strings.TrimSpace(name) {
		case "zstd":
			return "zstd"
		case "gzip":
			best = "gzip"
		}
	}
	return best
}

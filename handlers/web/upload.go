package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Upload is a file that came with a form. A form without one, or with an empty one, has no body.
type Upload struct {
	Name string // as the browser says
	Body []byte
}

// ReadUpload reads a form with a file in the field "file". Of the file it reads a byte more than the most, so that
// whoever judges it sees that it is too large.
func ReadUpload(c echo.Context, most int64) (*Form, Upload, error) {
	r := c.Request()
	if err := r.ParseMultipartForm(most); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, Upload{}, fmt.Errorf("a form with a file: %w: %w", ErrUnreadable, err)
	}
	f, err := ReadForm(c)
	if err != nil || r.MultipartForm == nil {
		return f, Upload{}, err
	}
	file, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return f, Upload{}, nil
	}
	if err != nil {
		return nil, Upload{}, err
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, most+1))
	return f, Upload{head.Filename, body}, err
}

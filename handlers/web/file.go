package web

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"
)

// CSV is the type of a file for a spreadsheet.
const CSV = "text/csv; charset=utf-8"

// SendFile answers with a file that the browser saves under a name, as it is written. After an error the file ends
// where it is.
func SendFile(c echo.Context, contentType, name string, write func(io.Writer) error) error {
	if err := stateOf(c).commitSession(c); err != nil {
		return fmt.Errorf("session not kept: %w: %w", err, ErrUnavailable)
	}
	w := c.Response()
	w.Header().Set(echo.HeaderContentType, contentType)
	w.Header().Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set(echo.HeaderCacheControl, "no-store")
	w.WriteHeader(http.StatusOK)
	buffer := bufio.NewWriter(w)
	if err := write(buffer); err != nil {
		return err
	}
	return buffer.Flush()
}

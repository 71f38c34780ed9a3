package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
)

// uploadTime is how long a file may take to arrive: 25 MB on a slow line.
const uploadTime = 5 * time.Minute

// A form with a file has so many fields at most, each of so many bytes.
const (
	mostUploadFields = 20
	longestField     = 4 << 10
)

// ReadStreamed reads a form that has a file, of a Streamed route. Reading may take long: whose session has ended by
// then, or who may no more, is refused, and the handler finds once more what it is about. A file of more than most
// bytes is cut off behind the next one.
func ReadStreamed(c echo.Context, most int64) (f *Form, file Upload, err error) {
	SlowBody(c)
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return nil, file, fmt.Errorf("no form with a file: %w", ErrUnreadable)
	}
	values := url.Values{}
	for range mostUploadFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return FormOf(c, values), file, stillSignedIn(c)
		}
		if err == nil && part.FileName() != "" {
			file.Name = part.FileName()
			file.Body, err = io.ReadAll(io.LimitReader(part, most+1))
		} else if err == nil {
			err = readField(values, part)
		}
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, file, err
		}
		if err != nil {
			return nil, file, fmt.Errorf("upload: %w: %w", ErrUnreadable, err)
		}
	}
	return nil, file, fmt.Errorf("upload: too many fields: %w", ErrUnreadable)
}

// How many files arrive at a time from one asker, and from one range of addresses: each is in memory as a whole until
// it is kept, and may take minutes.
const (
	uploadsOfAsker = 3
	uploadsOfRange = 8
)

// uploadWait is when one of the files that are on their way may have arrived.
const uploadWait = 10 * time.Second

// taking lets a Streamed route take a file, and refuses it while many of whoever sends it are on their way.
func taking(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		state := stateOf(c)
		asker, from, site := AskerOf(c), identity.Range(Caller(c).IP), state.site
		if state.account.ID != uuid.Nil {
			asker = state.account.ID.String()
		}
		if !site.uploads.TryAcquire(asker) {
			return TooMany(uploadWait)
		}
		defer site.uploads.Release(asker)
		if !site.uploadsFrom.TryAcquire(from) {
			return TooMany(uploadWait)
		}
		defer site.uploadsFrom.Release(from)
		return next(c)
	}
}

// ReadPart reads a body of so many bytes, of a Streamed route: ErrUnreadable if it has another length. As after
// ReadStreamed, the handler finds once more what it is about.
func ReadPart(c echo.Context, size int64) ([]byte, error) {
	SlowBody(c)
	part, err := io.ReadAll(io.LimitReader(c.Request().Body, size+1))
	if err == nil && int64(len(part)) != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("part: %w: %w", ErrUnreadable, err)
	}
	return part, stillSignedIn(c)
}

// stillSignedIn asks again, in the course of a long request, what was asked at its beginning.
func stillSignedIn(c echo.Context) error {
	state := stateOf(c)
	if state.account.ID == uuid.Nil { // whoever has a link
		return nil
	}
	lives, err := state.site.store().Lives(c.Request().Context(), state.loaded)
	if err != nil {
		return err
	}
	if !lives {
		state.typed = state.account.ID
		return errSignInFirst
	}
	return StillPermitted(c)
}

func readField(values url.Values, part *multipart.Part) error {
	value, err := io.ReadAll(io.LimitReader(part, longestField+1))
	if err == nil && len(value) > longestField {
		err = ErrTooLarge
	}
	values.Add(part.FormName(), string(value))
	return err
}

// SlowBody gives the body of a Streamed route the time that a file needs.
func SlowBody(c echo.Context) {
	control := http.NewResponseController(c.Response())
	until := time.Now().Add(uploadTime)
	// A server that cannot be told keeps its own times.
	_, _ = control.SetReadDeadline(until), control.SetWriteDeadline(until.Add(time.Minute))
}

package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v4"
)

// requestLife ends the work on an answer that nobody waits for any more. Streams are exempt.
const requestLife = 25 * time.Second

// logRequest is outermost: it names the request, catches panics, answers errors, and writes the one line about the
// request.
func (s *Site) logRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		state := &requestState{site: s, requestID: newReference()}
		c.Set(stateKey, state)
		headAsGet(c)
		s.warnOfProxy(c.Request())
		state.options = s.routes.options(c.Request())
		c.Response().Header().Set(echo.HeaderXRequestID, state.requestID)
		if r := c.Request(); r.Header.Get("Accept") != "text/event-stream" {
			ctx, cancel := context.WithTimeout(r.Context(), requestLife)
			defer cancel()
			c.SetRequest(r.WithContext(ctx))
		}
		if err := recovered(c, next); err != nil {
			s.handleError(err, c)
		}
		s.writeLogLine(c, state, time.Since(began))
		return nil
	}
}

// panicError is an error that was a panic.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func recovered(c echo.Context, next echo.HandlerFunc) (err error) {
	defer func() {
		if value := recover(); value != nil {
			if value == http.ErrAbortHandler {
				panic(value)
			}
			err = &panicError{value, debug.Stack()}
		}
	}()
	return next(c)
}

// referenceAlphabet may be read out over the phone: no 0 O 1 I L.
const referenceAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// newReference names a request, to us and to the visitor: "R-7QK4-M92B-XKTD".
func newReference() string {
	var raw [12]byte
	rand.Read(raw[:])
	out := []byte("R-0000-0000-0000")
	for i, b := range raw {
		out[2+i+i/4] = referenceAlphabet[int(b)%len(referenceAlphabet)] // the bias of 256 mod 31 does not matter here
	}
	return string(out)
}

// writeLogLine logs the request by its route's template: no address, no query, no name.
func (s *Site) writeLogLine(c echo.Context, state *requestState, took time.Duration) {
	r, answer := c.Request(), c.Response()
	route := c.Path()
	if route == "" || errors.Is(state.cause, echo.ErrNotFound) {
		route = "none"
	}
	line := []slog.Attr{
		slog.String("method", method(r.Method)), slog.String("route", route), slog.Int("status", answer.Status),
		slog.Int64("bytes", answer.Size), slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.String("request", state.requestID),
	}
	if state.account.ID != uuid.Nil {
		line = append(line, slog.String("user", s.pseudonym(state.account.ID)))
	}
	if state.tenant != uuid.Nil {
		line = append(line, slog.String("tenant", s.pseudonym(state.tenant)))
	}
	level := slog.LevelInfo
	if state.cause != nil {
		kind := fmt.Sprintf("%T", root(state.cause))
		line = append(line, slog.String("error", loggable(state.cause)), slog.String("kind", kind))
		if answer.Status >= 500 {
			level = slog.LevelError
		}
	}
	if p, ok := errors.AsType[*panicError](state.cause); ok {
		line = append(line, slog.String("stack", string(p.stack)))
	}
	s.Log.LogAttrs(r.Context(), level, "request", line...)
}

// method keeps words of strangers out of the log.
func method(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	}
	return "other"
}

// pseudonym tells people and organizations apart in the log without naming them.
func (s *Site) pseudonym(id uuid.UUID) string {
	mac := hmac.New(sha256.New, s.Keys.Current().Derive("log", 32))
	mac.Write(id[:])
	return hex.EncodeToString(mac.Sum(nil)[:6])
}

// loggable is an error's text without what the database quotes from a row or a parameter.
func loggable(err error) string {
	text := err.Error()
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if ok && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23")) {
		text = strings.ReplaceAll(text, pg.Message, "refused value, constraint "+pg.ConstraintName)
	}
	return text
}

func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

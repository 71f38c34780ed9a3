// Package pgdial opens connections to PostgreSQL that wait for nothing for ever: where the network swallows what is
// sent, or the server hangs, a connection breaks after a time, and whoever uses it can take another one.
package pgdial

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrSilent means that the server did not answer in time. Whether it did what was asked is not known.
var ErrSilent = errors.New("the database does not answer")

// Limits of a connection. Zero values are sensible.
type Limits struct {
	Connect time.Duration // until a new connection can be used; default 3 s, unless the address says another
	// Answer is from what was sent to the first byte that comes back: the longest statement, and how long a dead network
	// is not noticed. Zero: as long as it takes, while the network is alive as TCP sees it.
	Answer time.Duration
}

// How TCP notices that nobody is there any more, without anything of ours that waits: after 5 s of silence it asks, and
// what was sent must have arrived within 10 s.
const (
	keepAliveIdle     = 5 * time.Second
	keepAliveInterval = 2 * time.Second
	keepAliveCount    = 3
	unacknowledged    = 10 * time.Second
	connectTime       = 3 * time.Second
)

// PingTimeout is how long a connection that rested may take to say that it still works.
const PingTimeout = 2 * time.Second

// Bound gives connections of this configuration their limits.
func Bound(config *pgconn.Config, l Limits) {
	if l.Connect <= 0 {
		l.Connect = connectTime
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > l.Connect {
		config.ConnectTimeout = l.Connect
	}
	dialer := &net.Dialer{Timeout: config.ConnectTimeout, ControlContext: control, KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount}}
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, address)
		if err != nil || l.Answer <= 0 {
			return c, err
		}
		return watch(c, l), nil
	}
}

// ServerNotices has the server end what a client left behind when the network lost it: its transaction, its locks and
// its place among the connections. No pooler takes these.
func ServerNotices(params map[string]string) {
	params["tcp_keepalives_idle"] = seconds(keepAliveIdle)
	params["tcp_keepalives_interval"] = seconds(keepAliveInterval)
	params["tcp_keepalives_count"] = strconv.Itoa(keepAliveCount)
	params["tcp_user_timeout"] = Milliseconds(unacknowledged)
}

// ServerNoticesAt is ServerNotices for an address.
func ServerNoticesAt(address *url.URL) {
	q, params := address.Query(), map[string]string{}
	ServerNotices(params)
	for name, value := range params {
		q.Set(name, value)
	}
	address.RawQuery = q.Encode()
}

// farewell is how long a connection that broke may take to close.
const farewell = time.Second

// Abandon closes a connection that broke soon: pgx waits up to 15 s for the other side of one, and as long its place in
// a pool is taken. That of a network that is back is free again before anybody waits for it.
func Abandon(c *pgconn.PgConn) {
	if !c.IsClosed() {
		return
	}
	late := time.AfterFunc(farewell, func() { c.Conn().Close() })
	go func() {
		<-c.CleanupDone()
		late.Stop()
	}()
}

// Milliseconds is a duration as the server's settings take it.
func Milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

// Lost tells whether an error means that a connection broke or that none could be had, and not that the database
// objects: another connection may do, now or later. Whether a statement under way was done is not known. Of errors that
// are joined one is enough.
func Lost(err error) bool {
	for e := err; e != nil; e = errors.Unwrap(e) {
		switch e := e.(type) {
		case *pgconn.ConnectError, *url.Error: // of several addresses, of which one has answered; of a request over HTTP
			return lost(e)
		case interface{ Unwrap() []error }:
			return slices.ContainsFunc(e.Unwrap(), Lost)
		}
	}
	return lost(err)
}

// lost is Lost of an error that joins none.
func lost(err error) bool {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch said.Code {
		case "57P01", "57P02", "57P03", "57P05", "53300", "25006":
			return true
		}
		return len(said.Code) == 5 && said.Code[:2] == "08"
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		return false // of a request over HTTP
	}
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[*net.OpError](err)
	return connecting || network || errors.Is(err, ErrSilent) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) ||
		pgconn.SafeToRetry(err)
}

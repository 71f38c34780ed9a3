package events

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgdial"
)

// notifyEvery is the shortest time between two notifications of one process. NOTIFY takes a lock that all notifying
// commits share, so it has no place in a booking's transaction; sent afterward and bundled it costs the bookings
// nothing.
const notifyEvery = 50 * time.Millisecond

// listen is no query: sqlc knows no statement that only listens.
const listen = `listen kindward_outbox`

// Notify says that something was committed. It returns at once; many become one notification per 50 ms.
func (o *Outbox) Notify() {
	select {
	case o.pending <- struct{}{}:
	default: // one is waiting, and it will be sent after this commit too
	}
}

// sendNotifications sends what Notify asks for.
func (o *Outbox) sendNotifications(ctx context.Context) {
	quiet := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.pending:
		}
		err := o.queries.NotifyListeners(ctx)
		if err != nil && ctx.Err() == nil && !quiet { // the poll covers for it; one line per outage is enough
			o.log.Warn("events: cannot notify", "error", err)
		}
		quiet = err != nil
		pause(ctx, notifyEvery, nil)
	}
}

// keepListening listens on a connection of its own and opens another one when it breaks.
func (o *Outbox) keepListening(ctx context.Context, config *pgx.ConnConfig) {
	wait := 100 * time.Millisecond
	for ctx.Err() == nil {
		connected, err := o.listenOnce(ctx, config)
		if ctx.Err() != nil {
			return
		}
		if connected {
			o.broken.Add(1)
			wait = 100 * time.Millisecond
		}
		o.log.Warn("events: cannot listen, polling until it works again", "error", err)
		pause(ctx, wait, nil)
		wait = min(2*wait, slowestReconnect)
	}
}

func (o *Outbox) listenOnce(ctx context.Context, config *pgx.ConnConfig) (connected bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		return false, err
	}
	defer closeSoon(ctx, conn)
	if _, err := conn.Exec(ctx, listen); err != nil {
		return false, err
	}
	for {
		o.broadcast() // also after connecting: notifications may have been missed
		if err := o.awaitNotification(ctx, conn); err != nil {
			return true, err
		}
	}
}

// awaitNotification returns when one has come. While none comes the connection asks whether it is still heard: where
// the network has lost it, nothing else would tell.
func (o *Outbox) awaitNotification(ctx context.Context, conn *pgx.Conn) error {
	for {
		quiet, cancel := context.WithTimeout(ctx, o.beat)
		_, err := conn.WaitForNotification(quiet)
		over := quiet.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil || !over {
			return err
		}
		if err := conn.Ping(ctx); err != nil {
			return err
		}
	}
}

// closeSoon says goodbye, and does not wait for an answer that may never come.
func closeSoon(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pgdial.PingTimeout)
	defer cancel()
	_ = conn.Close(ctx)
}

func (o *Outbox) broadcast() {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.notified)
	o.notified = make(chan struct{})
}

// notification closes when the next one arrives. Take it before reading, so that none between reading and waiting is
// lost.
func (o *Outbox) notification() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.notified
}

// pause waits for a while, for a notification or for the end, and tells whether it was a notification.
func pause(ctx context.Context, d time.Duration, notified <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-notified:
		return true
	}
	return false
}

package tenancy

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/internal/pgdial"
	"kindward/internal/ratelimit"
)

// A lane is one connection at a time. Each schema has a home lane, where its plans are kept: with many tenants a pool
// that gives out any connection finds a third of them there, lanes about twice as many.
type lane struct {
	pool *pgxpool.Pool
	busy chan struct{} // holds one who has the connection
}

// lanes are all connections of a gateway.
type lanes struct {
	each []lane
	all  chan struct{} // holds one for each connection that is out
	// Of an organization, or an application to join, as many are out as leave the others some: whoever floods it, or lets
	// what it does there wait, keeps nobody else waiting (F14).
	shares ratelimit.KeyedSemaphore[uuid.UUID]
	seed   maphash.Seed
}

// homeWait is how long a request waits for its home lane while another is free: about as long as a booking's statements
// take on a busy machine. To plan them elsewhere takes longer, drives out the plans of others, and what that connection
// comes to know of the schema stays in its memory.
const homeWait = 8 * time.Millisecond

// mostSchemas is how many tenants' schemas a connection sees before it is closed. Its process keeps some 0.2 MB of the
// catalog for each, and lets go of that at its end only.
const mostSchemas = 240

// What a connection says of itself: which lane it is of, of which lanes, and the schemas that it has seen.
const (
	laneOfConnection    = "kindward lane"
	lanesOfConnection   = "kindward lanes"
	schemasOfConnection = "kindward schemas"
	shareOfConnection   = "kindward share"
)

// openLanes makes the lanes; they connect when they are first used. A lane may have a second connection for as long as
// a broken one takes to close.
func openLanes(ctx context.Context, config *pgxpool.Config, n int32) (*lanes, error) {
	l := &lanes{each: make([]lane, n), all: make(chan struct{}, n), seed: maphash.MakeSeed()}
	l.shares.Most = int(n - n/4)
	for i := range l.each {
		c := config.Copy()
		c.MaxConns = 2
		c.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
			registerIDs(conn.TypeMap())
			data := conn.PgConn().CustomData()
			data[laneOfConnection], data[lanesOfConnection] = i, l
			return nil
		}
		pool, err := pgxpool.NewWithConfig(ctx, c)
		if err != nil {
			l.close()
			return nil, err
		}
		l.each[i] = lane{pool, make(chan struct{}, 1)}
	}
	return l, nil
}

func (l *lanes) close() {
	for _, one := range l.each {
		if one.pool != nil {
			one.pool.Close()
		}
	}
}

// acquire waits for its turn, and opens.
func (l *lanes) acquire(ctx context.Context, schema string) (*pgxpool.Conn, error) {
	if err := l.wait(ctx, uuid.Nil); err != nil {
		return nil, err
	}
	return l.open(ctx, schema, uuid.Nil)
}

// wait is until one of the lanes is free that an organization may have, which is then whoever's who waited: open is to
// follow.
func (l *lanes) wait(ctx context.Context, whose uuid.UUID) error {
	if whose != uuid.Nil {
		if err := l.shares.Acquire(ctx, whose); err != nil {
			return err
		}
	}
	select {
	case l.all <- struct{}{}:
		return nil
	case <-ctx.Done():
		l.leaveShare(whose)
		return ctx.Err()
	}
}

func (l *lanes) leaveShare(whose uuid.UUID) {
	if whose != uuid.Nil {
		l.shares.Release(whose)
	}
}

// open gives the connection of the schema's home lane, or of another that is free, and of the first that is free where
// there is no schema.
func (l *lanes) open(ctx context.Context, schema string, whose uuid.UUID) (*pgxpool.Conn, error) {
	one := l.enter(schema)
	conn, err := one.pool.Acquire(ctx)
	if err != nil {
		<-one.busy
		<-l.all
		l.leaveShare(whose)
		return nil, err
	}
	conn.Conn().PgConn().CustomData()[shareOfConnection] = whose
	return conn, nil
}

// enter takes a lane. There is one: no more are in lanes, or on their way to one, than there are lanes.
func (l *lanes) enter(schema string) lane {
	home := 0
	if schema != "" {
		home = int(maphash.String(l.seed, schema) % uint64(len(l.each)))
		if one, ok := l.waitFor(l.each[home]); ok {
			if !one.stuck() {
				return one
			}
			<-one.busy
		}
	}
	for i := home; ; i++ {
		one := l.each[i%len(l.each)]
		select {
		case one.busy <- struct{}{}:
			if i-home >= len(l.each) || !one.stuck() { // better that one than none
				return one
			}
			<-one.busy
		default:
		}
	}
}

// stuck tells whoever has entered a lane that it has no connection soon: what it had broke and is still being closed,
// or opened.
func (l lane) stuck() bool {
	s := l.pool.Stat()
	return s.IdleConns() == 0 && s.TotalConns() >= s.MaxConns()
}

func (l *lanes) waitFor(home lane) (lane, bool) {
	select {
	case home.busy <- struct{}{}:
		return home, true
	default:
	}
	timer := time.NewTimer(homeWait)
	defer timer.Stop()
	select {
	case home.busy <- struct{}{}:
		return home, true
	case <-timer.C:
		return lane{}, false
	}
}

// release gives a connection back to its lane. One that is broken or busy is thrown away.
func release(conn *pgxpool.Conn) {
	data := conn.Conn().PgConn().CustomData()
	i, l, whose := data[laneOfConnection].(int), data[lanesOfConnection].(*lanes), data[shareOfConnection].(uuid.UUID)
	conn.Release()
	<-l.each[i].busy
	<-l.all
	l.leaveShare(whose)
}

// any is a pool for what the gateway itself asks, before and beside all requests.
func (l *lanes) any() *pgxpool.Pool { return l.each[0].pool }

// acquire refuses soon where all connections are out. One that is free may have to be opened first: that is no crowd,
// and takes longer where the machine is busy.
func (g *Gateway) acquire(ctx context.Context, from *lanes, whose uuid.UUID, schema string) (conn *pgxpool.Conn,
	err error) {
	err = within(ctx, g.wait, func(ctx context.Context) error { return from.wait(ctx, whose) })
	if err == nil {
		err = within(ctx, max(g.wait, openWait), func(ctx context.Context) error {
			conn, err = from.open(ctx, schema, whose)
			return err
		})
	}
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, ErrBusy
	}
	if err == nil {
		saw(conn.Conn(), schema)
	}
	return conn, err
}

func within(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}

// Ping tells whether the database answers, to each of the two roles: without one of them no page is whole. Both are
// asked at once: one after the other, a slow answer would count twice.
func (g *Gateway) Ping(ctx context.Context) error {
	identity := make(chan error, 1)
	go func() { identity <- g.pingRole(ctx, g.identity) }()
	return cmp.Or(g.pingRole(ctx, g.lanes), <-identity)
}

// pingRole asks as one role. A connection that was lost is no database that is: another one is asked.
func (g *Gateway) pingRole(ctx context.Context, l *lanes) error {
	err := g.ping(ctx, l)
	if pgdial.Lost(err) && ctx.Err() == nil {
		err = g.ping(ctx, l)
	}
	return err
}

func (g *Gateway) ping(ctx context.Context, l *lanes) error {
	conn, err := l.acquire(ctx, "")
	if err != nil {
		return err
	}
	defer g.release(conn)
	return conn.Ping(ctx)
}

// saw notes that the connection is about to see a schema.
func saw(conn *pgx.Conn, schema string) {
	data := conn.PgConn().CustomData()
	all, ok := data[schemasOfConnection].(map[string]struct{})
	if !ok {
		all = map[string]struct{}{}
		data[schemasOfConnection] = all
	}
	all[schema] = struct{}{}
}

// seen is how many schemas a connection has seen.
func seen(conn *pgx.Conn) int {
	all, _ := conn.PgConn().CustomData()[schemasOfConnection].(map[string]struct{})
	return len(all)
}

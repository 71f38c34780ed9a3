package pgdial

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// conn breaks when nothing comes back for what was sent. Deadlines of the user's are left alone: contexts set those.
// It costs two loads and stores of memory for a round trip, and a look four times within the limit.
type conn struct {
	net.Conn
	limits Limits
	sent   atomic.Int64 // when something was sent that nothing has come back for, since epoch; 0: there is none
	spoke  atomic.Bool  // the other side has said something yet
	silent atomic.Bool
	closed chan struct{}
	once   sync.Once
}

// epoch is what instants are counted from, by a clock that is never set.
var epoch = time.Now()

func watch(c net.Conn, l Limits) *conn {
	w := &conn{Conn: c, limits: l, closed: make(chan struct{})}
	go w.watch()
	return w
}

func (c *conn) watch() {
	tick := time.NewTicker(max(min(c.limits.Answer, c.limits.Connect)/4, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-c.closed:
			return
		case <-tick.C:
		}
		if sent := c.sent.Load(); sent != 0 && time.Since(epoch)-time.Duration(sent) >= c.limit() {
			c.silent.Store(true)
			c.Conn.Close()
			return
		}
	}
}

// limit is shorter for the first answer: a server that says nothing to a newcomer is not there.
func (c *conn) limit() time.Duration {
	if c.spoke.Load() {
		return c.limits.Answer
	}
	return min(c.limits.Answer, c.limits.Connect)
}

func (c *conn) Write(b []byte) (int, error) {
	c.sent.Store(int64(time.Since(epoch)))
	n, err := c.Conn.Write(b)
	return n, c.named(err)
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.sent.Store(0)
		c.spoke.Store(true)
	}
	return n, c.named(err)
}

// named says why the connection is closed.
func (c *conn) named(err error) error {
	if err != nil && c.silent.Load() {
		return ErrSilent
	}
	return err
}

func (c *conn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

package pgtest

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Network is what lies between a program and its database, and can be made to swallow what passes, to be slow, and to
// break: at once, or in the middle of a transaction that writes.
type Network struct {
	listener net.Listener
	kind     string // of the upstream's address
	upstream string
	latency  atomic.Int64 // of each way to the server, in nanoseconds

	mu       sync.Mutex
	lines    []*line
	swallows bool
	cut      Cut  // what becomes of the next transaction that writes
	stay     bool // nobody comes through after that cut
	down     bool
	cuts     int
}

// Cut is what becomes of the next transaction that writes.
type Cut int

// The cuts. A transaction that writes is told from a look by its length: manyStatements or more in one batch.
const (
	CutNothing Cut = iota
	CutRequest     // the connection ends before any of it reaches the server
	CutAnswer      // the server commits it, and the connection ends before it can say so
)

const manyStatements = 5

// line is one connection through the network.
type line struct {
	network        *Network
	client, server net.Conn
	lost           atomic.Bool
}

// Between opens a network to the server of this database until the test ends.
func (db *DB) Between(t testing.TB) *Network {
	t.Helper()
	kind, upstream := db.cluster.address(t)
	return between(t, kind, upstream)
}

// Between opens a network that leads to this one, until the test ends.
func (n *Network) Between(t testing.TB) *Network {
	t.Helper()
	return between(t, "tcp", n.listener.Addr().String())
}

func between(t testing.TB, kind, upstream string) *Network {
	t.Helper()
	n := &Network{kind: kind, upstream: upstream}
	var err error
	if n.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	go n.accept()
	t.Cleanup(func() { n.listener.Close(); n.Cut() })
	return n
}

// address is where the server listens.
func (at cluster) address(t testing.TB) (kind, address string) {
	t.Helper()
	u, err := url.Parse(at.server.URL("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	if sockets := u.Query().Get("host"); sockets != "" {
		return "unix", sockets + "/.s.PGSQL." + u.Query().Get("port")
	}
	return "tcp", u.Host
}

// Through is an address of a database that leads through the network.
func (n *Network) Through(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.RawQuery = n.listener.Addr().String(), "sslmode=disable"
	return u.String()
}

// Swallow has the network take what is sent from now on, and bring nothing anywhere. It closes nothing: both sides
// wait. New connections are taken and lost as well.
func (n *Network) Swallow() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.swallows = true
	for _, l := range n.lines {
		l.lost.Store(true)
	}
}

// Restore lets new connections through again. Those from before stay lost, and the server is not told of their end.
func (n *Network) Restore() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.swallows = false
}

// Forget ends what the server kept of connections that the network lost, as its own keep-alive does after a while.
func (n *Network) Forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = slices.DeleteFunc(n.lines, func(l *line) bool {
		lost := l.lost.Load()
		if lost && l.server != nil {
			l.server.Close()
		}
		return lost
	})
}

// Cut ends all connections, for both sides. New ones come through.
func (n *Network) Cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cutAll()
}

// cutAll is Cut for who holds the lock.
func (n *Network) cutAll() {
	for _, l := range n.lines {
		l.end()
	}
	n.lines = nil
}

// Arm cuts the next transaction that writes. With stay, everybody is cut off then, and nobody comes through until Up is
// called.
func (n *Network) Arm(cut Cut, stay bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut, n.stay = cut, stay
}

// Up lets everybody through again, and cuts nothing.
func (n *Network) Up() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut, n.down = CutNothing, false
}

// Cuts is how often a transaction was cut.
func (n *Network) Cuts() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cuts
}

// cutHere tells whether a transaction that writes is not to be handed on.
func (n *Network) cutHere(cut Cut) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cut != cut {
		return false
	}
	n.cut = CutNothing
	n.cuts++
	if n.stay {
		n.down = true
		n.cutAll()
	}
	return true
}

// Slow has everything that is sent to the server arrive that much later.
func (n *Network) Slow(by time.Duration) { n.latency.Store(int64(by)) }

func (n *Network) accept() {
	for {
		client, err := n.listener.Accept()
		if err != nil {
			return
		}
		n.connect(client)
	}
}

// connect carries a new connection to the server, which hears nothing of it while the network swallows or is down.
func (n *Network) connect(client net.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.down {
		client.Close()
		return
	}
	l, requests := &line{network: n, client: client}, &batches{bufio.NewReader(client), CutRequest, 'E', 'S', true}
	n.lines = append(n.lines, l)
	if n.swallows {
		l.lost.Store(true)
		go l.carry(requests, nil, nil)
		return
	}
	var err error
	if l.server, err = net.Dial(n.kind, n.upstream); err != nil {
		client.Close()
		return
	}
	go l.carry(requests, l.server, &n.latency)
	go l.carry(&batches{bufio.NewReader(l.server), CutAnswer, 'C', 'Z', false}, client, nil)
}

// carry brings what one side says to the other, until one of them ends. slow may be nil.
func (l *line) carry(from *batches, to net.Conn, slow *atomic.Int64) {
	for {
		batch, writes, err := from.next()
		if slow != nil {
			time.Sleep(time.Duration(slow.Load()))
		}
		if l.lost.Load() {
			if err != nil {
				return
			}
			continue
		}
		if writes && l.network.cutHere(from.cut) {
			err = net.ErrClosed
		} else if _, writing := to.Write(batch); writing != nil {
			err = writing
		}
		if err != nil {
			l.end()
			return
		}
	}
}

func (l *line) end() {
	l.client.Close()
	if l.server != nil {
		l.server.Close()
	}
}

// batches are the messages of one side, together up to one of the kind end once there was one of the kind counted.
type batches struct {
	from         *bufio.Reader
	cut          Cut
	counted, end byte
	nameless     bool // the next message has no kind: the first of a client
}

// next is what can be handed on together, and whether it is a transaction that writes. At the end of a connection it
// gives what is left with the error.
func (b *batches) next() (batch []byte, writes bool, err error) {
	for n := 0; ; {
		m, err := b.message()
		if err != nil {
			return batch, false, err
		}
		batch = append(batch, m...)
		kind := m[0]
		if b.nameless {
			b.nameless, kind = false, b.end
		}
		if kind == b.counted {
			n++
		}
		if kind == b.end || len(batch) > 1<<20 || n == 0 && b.from.Buffered() == 0 {
			return batch, n >= manyStatements, nil
		}
	}
}

// message reads one message of the protocol.
func (b *batches) message() ([]byte, error) {
	head := make([]byte, 5, 256)
	if b.nameless {
		head = head[:4]
	}
	if _, err := io.ReadFull(b.from, head); err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint32(head[len(head)-4:])) - 4
	all := append(head, make([]byte, size)...)
	_, err := io.ReadFull(b.from, all[len(head):])
	return all, err
}

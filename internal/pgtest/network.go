package pgtest

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Network is what lies between a program and its database, and can be made to swallow what passes, to be slow, and to
// break.
type Network struct {
	listener net.Listener
	kind     string // of the upstream's address
	upstream string
	latency  atomic.Int64 // of each way to the server, in nanoseconds
	mu       sync.Mutex
	lines    []*line
	swallows bool
}

// line is one connection through the network.
type line struct {
	client, server net.Conn
	lost           atomic.Bool
}

// Between opens a network to the databases of the tests until the test ends.
func Between(t testing.TB) *Network {
	t.Helper()
	kind, upstream := common.address(t)
	return between(t, kind, upstream)
}

func between(t testing.TB, kind, upstream string) *Network {
	t.Helper()
	n := &Network{kind: kind, upstream: upstream}
	var err error
	if n.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	go n.accept()
	t.Cleanup(n.close)
	return n
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
	for _, l := range n.lines {
		l.end()
	}
	n.lines = nil
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

// connect carries a new connection to the server, which hears nothing of it while the network swallows.
func (n *Network) connect(client net.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := &line{client: client}
	n.lines = append(n.lines, l)
	if n.swallows {
		l.lost.Store(true)
		go l.carry(client, nil, nil)
		return
	}
	var err error
	if l.server, err = net.Dial(n.kind, n.upstream); err != nil {
		client.Close()
		return
	}
	go l.carry(client, l.server, &n.latency)
	go l.carry(l.server, client, nil)
}

// carry brings what one side says to the other, until one of them ends. slow may be nil.
func (l *line) carry(from, to net.Conn, slow *atomic.Int64) {
	buffer := make([]byte, 32<<10)
	for {
		read, err := from.Read(buffer)
		if slow != nil {
			time.Sleep(time.Duration(slow.Load()))
		}
		if l.lost.Load() {
			if err != nil {
				return
			}
			continue
		}
		if read > 0 {
			if _, writing := to.Write(buffer[:read]); writing != nil {
				err = errors.Join(err, writing)
			}
		}
		if err != nil {
			from.Close()
			to.Close()
			return
		}
	}
}

func (n *Network) close() {
	n.listener.Close()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.lines {
		l.end()
	}
}

func (l *line) end() {
	l.client.Close()
	if l.server != nil {
		l.server.Close()
	}
}

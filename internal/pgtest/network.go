package pgtest

import (
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// Network is what lies between a program and its database, and can be made to swallow what passes.
type Network struct {
	listener net.Listener
	upstream string
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
	u, err := url.Parse(server.URL("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	n := &Network{upstream: filepath.Join(u.Query().Get("host"), ".s.PGSQL."+u.Query().Get("port"))}
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
		go l.carry(client, nil)
		return
	}
	var err error
	if l.server, err = net.Dial("unix", n.upstream); err != nil {
		client.Close()
		return
	}
	go l.carry(client, l.server)
	go l.carry(l.server, client)
}

// carry brings what one side says to the other, until one of them ends.
func (l *line) carry(from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		read, err := from.Read(buffer)
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
		l.client.Close()
		if l.server != nil {
			l.server.Close()
		}
	}
}

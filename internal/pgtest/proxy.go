package pgtest

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Cut is what a Proxy does to the next transaction that writes.
type Cut int32

// The cuts. A transaction that writes is told from a look by its length: manyStatements or more in one batch.
const (
	CutNothing Cut = iota
	CutRequest     // the connection ends before any of it reaches the server
	CutAnswer      // the server commits it, and the connection ends before it can say so
)

const manyStatements = 5

// Proxy stands between a gateway and the server, and cuts connections where a test wants them cut.
type Proxy struct {
	t        testing.TB
	listener net.Listener
	database string
	user     *url.Userinfo
	cut      atomic.Int32
	down     atomic.Bool
	strike   atomic.Bool // goes down with the cut
	cuts     atomic.Int32

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// Proxy starts one; it ends with the test.
func (db *DB) Proxy(t testing.TB) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{t: t, listener: listener, database: db.Name, conns: map[net.Conn]bool{},
		user: url.UserPassword("kindward_app", db.Keys.Password("kindward_app"))}
	network, address := db.cluster.address(t)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client, network, address)
		}
	}()
	t.Cleanup(func() { listener.Close(); p.dropAll() })
	return p
}

// address is where the server listens.
func (at cluster) address(t testing.TB) (network, address string) {
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

// URL connects as the app's role through it.
func (p *Proxy) URL() string {
	u := url.URL{Scheme: "postgres", User: p.user, Host: p.listener.Addr().String(), Path: "/" + p.database,
		RawQuery: "sslmode=disable"}
	return u.String()
}

// Between opens a network to the proxy until the test ends.
func (p *Proxy) Between(t testing.TB) *Network {
	t.Helper()
	return between(t, "tcp", p.listener.Addr().String())
}

// Arm cuts the next transaction that writes. With stay, nobody comes through afterward until Up is called.
func (p *Proxy) Arm(cut Cut, stay bool) {
	p.strike.Store(stay)
	p.cut.Store(int32(cut))
}

// Up lets everybody through again, and cuts nothing.
func (p *Proxy) Up() {
	p.cut.Store(int32(CutNothing))
	p.down.Store(false)
}

// Cuts is how often a transaction was cut.
func (p *Proxy) Cuts() int { return int(p.cuts.Load()) }

func (p *Proxy) dropAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *Proxy) keep(c net.Conn, is bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if is {
		p.conns[c] = true
	} else {
		delete(p.conns, c)
	}
}

func (p *Proxy) serve(client net.Conn, network, address string) {
	defer client.Close()
	if p.down.Load() {
		return
	}
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	for _, c := range []net.Conn{client, server} {
		p.keep(c, true)
		defer p.keep(c, false)
	}
	go func() {
		defer client.Close()
		defer server.Close()
		if first, err := message(client, false); err == nil {
			_, _ = server.Write(first)
			p.pass(client, server, CutRequest, 'E', 'S')
		}
	}()
	p.pass(server, client, CutAnswer, 'C', 'Z')
}

// pass hands on messages in batches, each up to one of the kind end; a batch with many of the kind counted is a
// transaction that writes, and is not handed on if that is the cut.
func (p *Proxy) pass(from io.Reader, to io.Writer, cut Cut, counted, end byte) {
	var batch []byte
	n := 0
	for {
		m, err := message(from, true)
		if err != nil {
			return
		}
		batch = append(batch, m...)
		if m[0] == counted {
			n++
		}
		if m[0] != end && (n > 0 || len(batch) > 1<<20) {
			continue
		}
		if n >= manyStatements && p.cut.CompareAndSwap(int32(cut), int32(CutNothing)) {
			p.cuts.Add(1)
			if p.strike.Load() {
				p.down.Store(true)
				go p.dropAll()
			}
			return
		}
		if _, err := to.Write(batch); err != nil {
			return
		}
		batch, n = nil, 0
	}
}

// message reads one message of the protocol; the first of a connection has no kind.
func message(from io.Reader, kind bool) ([]byte, error) {
	head := make([]byte, 4, 256)
	if kind {
		head = head[:5]
	}
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint32(head[len(head)-4:])) - 4
	all := append(head, make([]byte, size)...)
	_, err := io.ReadFull(from, all[len(head):])
	return all, err
}

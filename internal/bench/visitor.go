package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// patience is how long a visitor waits for an answer before it counts as an error.
const patience = 20 * time.Second

// restless is how long a connection may rest before a new one is made: the server closes those that rest for longer.
const restless = 45 * time.Second

// visitor is one browser: a connection that is kept, cookies, and an address of its own behind the proxy that the site
// trusts. It spends as little of the machine as it can, because the server runs on the same one.
type visitor struct {
	address string // host:port
	conn    net.Conn
	used    time.Time // when conn was last
	in      *bufio.Reader
	out     bytes.Buffer
	cookies []cookie
	dice    *rand.Rand
	near    string // where this visitor lives
}

type cookie struct{ name, value string }

// answer is what a visitor looks at.
type answer struct {
	status   int
	location string
	bytes    int    // of the body, as sent
	body     []byte // only if asked for
}

func newVisitor(address string, seed uint64) *visitor {
	return &visitor{address: address, dice: rand.New(rand.NewPCG(seed, 11))}
}

func (v *visitor) get(ctx context.Context, path string) (answer, error) {
	return v.ask(ctx, "GET", path, nil, false, "zstd, gzip")
}

func (v *visitor) post(ctx context.Context, path string, form url.Values) (answer, error) {
	return v.ask(ctx, "POST", path, form, false, "zstd, gzip")
}

// ask sends one request and reads its answer. After an error the next request has a new connection.
func (v *visitor) ask(ctx context.Context, method, path string, form url.Values, keep bool, coding string) (answer,
	error) {
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	now := time.Now()
	if now.Sub(v.used) > restless {
		v.close()
	}
	v.used = now
	if v.conn == nil {
		conn, err := net.Dial("tcp", v.address)
		if err != nil {
			return answer{}, err
		}
		v.conn, v.in = conn, bufio.NewReaderSize(conn, 32<<10)
	}
	v.write(method, path, form, coding)
	_ = v.conn.SetDeadline(now.Add(patience))
	_, err := v.conn.Write(v.out.Bytes())
	var a answer
	if err == nil {
		a, err = v.read(keep)
	}
	if err != nil {
		v.close()
		return a, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return a, nil
}

func (v *visitor) close() {
	if v.conn != nil {
		v.conn.Close()
		v.conn = nil
	}
}

func (v *visitor) write(method, path string, form url.Values, coding string) {
	v.out.Reset()
	fmt.Fprintf(&v.out, "%s %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: %s\r\nUser-Agent: kindward-bench\r\nX-Forwarded-For: 10.%d.%d.%d\r\n",
		method, path, v.address, coding, v.dice.IntN(256), v.dice.IntN(256), 1+v.dice.IntN(254))
	lead := "Cookie: "
	for _, c := range v.cookies {
		v.out.WriteString(lead + c.name + "=" + c.value)
		lead = "; "
	}
	if len(v.cookies) > 0 {
		v.out.WriteString("\r\n")
	}
	if method == "POST" {
		body := form.Encode()
		fmt.Fprintf(&v.out, "Origin: http://%s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", v.address, len(body), body)
		return
	}
	v.out.WriteString("\r\n")
}

func (v *visitor) read(keep bool) (answer, error) {
	line, err := v.in.ReadSlice('\n')
	if err != nil {
		return answer{}, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return answer{}, fmt.Errorf("no answer in HTTP/1.1: %q", line)
	}
	a := answer{bytes: -1}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return a, err
	}
	for {
		if line, err = v.in.ReadSlice('\n'); err != nil {
			return a, err
		}
		if line = textproto.TrimBytes(line); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if a.bytes, err = strconv.Atoi(string(value)); err != nil {
				return a, err
			}
		case bytes.EqualFold(name, []byte("Location")):
			a.location = string(value)
		case bytes.EqualFold(name, []byte("Set-Cookie")):
			v.keep(string(value))
		}
	}
	if a.bytes < 0 {
		return a, fmt.Errorf("an answer without a length")
	}
	if keep {
		a.body = make([]byte, a.bytes)
		_, err = io.ReadFull(v.in, a.body)
		return a, err
	}
	_, err = v.in.Discard(a.bytes)
	return a, err
}

// keep puts a cookie into the place of the one of the same name, or drops it.
func (v *visitor) keep(line string) {
	pair, attributes, _ := strings.Cut(line, ";")
	name, value, _ := strings.Cut(pair, "=")
	for i, c := range v.cookies {
		if c.name == name {
			v.cookies = append(v.cookies[:i], v.cookies[i+1:]...)
			break
		}
	}
	if value != "" && !strings.Contains(attributes, "Max-Age=0") {
		v.cookies = append(v.cookies, cookie{name, value})
	}
}

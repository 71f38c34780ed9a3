package webtest

import (
	"bufio"
	"cmp"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Held is a request of which the header has arrived and the body has not: the site has asked for it (100 Continue).
type Held struct {
	p    *Person
	conn net.Conn
	from *bufio.Reader
	r    *http.Request
	body string
}

// HoldBack begins to send a form and waits until the site wants its body.
func (p *Person) HoldBack(path string, form url.Values) *Held {
	p.T.Helper()
	return p.holdBack(http.MethodPost, path, cmp.Or(form.Encode(), "nothing="))
}

// HoldBackUpload is HoldBack for a form with a file.
func (p *Person) HoldBackUpload(path, name string, file []byte, fields ...string) *Held {
	p.T.Helper()
	body, kind := p.multipart(name, file, fields)
	return p.holdBack(http.MethodPost, path, body.String(), "Content-Type", kind)
}

// HoldBackBody is HoldBack for a body of another type.
func (p *Person) HoldBackBody(path, kind, body string) *Held {
	p.T.Helper()
	return p.holdBack(http.MethodPost, path, body, "Content-Type", kind)
}

// HoldBackPart is HoldBack for a part of a file.
func (p *Person) HoldBackPart(path, part string, headers ...string) *Held {
	p.T.Helper()
	return p.holdBack(http.MethodPatch, path, part, headers...)
}

// holdBack holds a body back, with headers that are not those of an ordinary form.
func (p *Person) holdBack(method, path, body string, headers ...string) *Held {
	p.T.Helper()
	r, err := http.NewRequestWithContext(p.T.Context(), method, p.Site.Server.URL+path, strings.NewReader(body))
	if err != nil {
		p.T.Fatal(err)
	}
	p.introduce(r)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for _, c := range p.Cookies() {
		r.AddCookie(c)
	}
	conn, err := net.Dial("tcp", p.Site.Server.Listener.Addr().String())
	if err != nil {
		p.T.Fatal(err)
	}
	p.T.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	h := &Held{p: p, conn: conn, from: bufio.NewReader(conn), r: r, body: body}
	h.write(method + " " + path + " HTTP/1.1\r\nHost: " + p.Site.Web.BaseURL.Host + "\r\nExpect: 100-continue\r\nContent-Length: " +
		strconv.Itoa(len(body)) + "\r\n")
	for name, values := range r.Header {
		h.write(name + ": " + values[0] + "\r\n")
	}
	h.write("\r\n")
	if line, err := h.from.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		p.T.Fatalf("%s %s is answered before its body is there: %q %v", method, path, line, err)
	}
	h.from.ReadString('\n') // the empty line
	return h
}

func (h *Held) write(s string) {
	h.p.T.Helper()
	if _, err := io.WriteString(h.conn, s); err != nil {
		h.p.T.Fatal(err)
	}
}

// Send sends the body and reads the answer.
func (h *Held) Send() Answer {
	h.p.T.Helper()
	h.write(h.body)
	res, err := http.ReadResponse(h.from, h.r)
	if err != nil {
		h.p.T.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		h.p.T.Fatal(err)
	}
	return newAnswer(h.p.T, res, string(raw))
}

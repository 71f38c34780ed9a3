package notify_test

import (
	"errors"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"

	"kindward/internal/notify"
)

// peer is a small mail server: it speaks enough SMTP to take mail, and can be told to refuse it.
type peer struct {
	address string
	answer  string // to RCPT TO; "" is 250
	mu      sync.Mutex
	mails   []string
	rcpts   []string
}

func startPeer(t testing.TB, answer string) *peer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	p := &peer{address: listener.Addr().String(), answer: answer}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(textproto.NewConn(conn))
		}
	}()
	return p
}

func (p *peer) serve(c *textproto.Conn) {
	defer c.Close()
	say := func(s string) { _ = c.PrintfLine("%s", s) }
	say("220 test")
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line + " ?")[0]); {
		case verb == "EHLO":
			say("250-test")
			say("250 8BITMIME")
		case verb == "RCPT" && p.answer != "":
			say(p.answer)
		case verb == "DATA":
			say("354 go on")
			body, err := c.ReadDotBytes()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.mails = append(p.mails, string(body))
			p.mu.Unlock()
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			if verb == "RCPT" {
				p.mu.Lock()
				p.rcpts = append(p.rcpts, line)
				p.mu.Unlock()
			}
			say("250 ok")
		}
	}
}

func smtp(t testing.TB, address string) *notify.SMTP {
	t.Helper()
	s, err := notify.NewSMTP("smtp://"+address, sender)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAMailServerGetsTheWholeMessage(t *testing.T) {
	p := startPeer(t, "")
	m := booking(t, composer(t), "booked", visit())
	if err := smtp(t, p.address).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if len(p.mails) != 1 || len(p.rcpts) != 1 || !strings.HasPrefix(p.rcpts[0], "RCPT TO:<maya@example.test>") {
		t.Fatalf("%d mails to %q", len(p.mails), p.rcpts)
	}
	got, err := mail.ReadMessage(strings.NewReader(p.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("Message-Id") != "<"+m.ID+"@kindward.example>" || got.Header.Get("Subject") != m.Subject ||
		got.Header.Get("From") != `"Kindward" <care@kindward.example>` {
		t.Errorf("%v", got.Header)
	}
	if all := parts(t, got.Header.Get, got.Body); len(all) != 3 || all[0].kind != "text/plain" ||
		all[1].params["method"] != "REQUEST" || all[2].disposition != "attachment" {
		t.Errorf("%+v", all)
	}
}

func TestARefusalIsForGoodOrForLater(t *testing.T) {
	for answer, forGood := range map[string]bool{"550 no maya@example.test here": true,
		"451 maya@example.test is busy": false} {
		p := startPeer(t, answer)
		err := smtp(t, p.address).Send(t.Context(), booking(t, composer(t), "booked", visit()))
		if err == nil || errors.Is(err, notify.ErrRefused) != forGood {
			t.Errorf("%s: %v", answer, err)
		} else if strings.Contains(err.Error(), "maya") {
			t.Errorf("the error names a person: %v", err)
		}
	}
}

func TestAServerThatIsNotThereIsWorthAnotherTry(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	err = smtp(t, address).Send(t.Context(), booking(t, composer(t), "booked", visit()))
	if err == nil || errors.Is(err, notify.ErrRefused) {
		t.Fatal(err)
	}
}

func TestMailLeavesThisMachineOnlyEncrypted(t *testing.T) {
	p := startPeer(t, "") // offers no STARTTLS
	_, port, err := net.SplitHostPort(p.address)
	if err != nil {
		t.Fatal(err)
	}
	other := ""
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			other = n.IP.String()
		}
	}
	if other == "" {
		t.Skip("this machine has no address but its own")
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(other, port))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(textproto.NewConn(conn))
		}
	}()
	m := booking(t, composer(t), "booked", visit())
	if err := smtp(t, net.JoinHostPort(other, port)).Send(t.Context(), m); err == nil || len(p.mails) != 0 {
		t.Fatalf("sent in the clear: %v, %d mails", err, len(p.mails))
	}
	open := smtp(t, net.JoinHostPort(other, port)+"?tls=off") // the negative control: it would have worked
	if err := open.Send(t.Context(), m); err != nil || len(p.mails) != 1 {
		t.Fatalf("%v, %d mails", err, len(p.mails))
	}
}

func TestAnAddressOfAServerThatCannotBeReadKeepsThePassword(t *testing.T) {
	for _, address := range []string{"", "folder", "http://x", "smtp://", "smtp://user:hunter2@:1",
		"smtp://user:hunter2@host:99999", "smtp://user:hunter2@ho st"} {
		_, err := notify.NewSMTP(address, sender)
		if err == nil {
			t.Errorf("%q was accepted", address)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	if _, err := notify.NewSMTP("smtp://localhost", "nobody"); err == nil {
		t.Error("a sender without an address was accepted")
	}
}

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
	answers map[string]string // by verb, and "GREETING" and "CONTENT"; others are taken well
	mu      sync.Mutex
	mails   []string
	rcpts   []string
}

func startPeer(t testing.TB, answers map[string]string) *peer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	p := &peer{address: listener.Addr().String(), answers: answers}
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
	if no := p.answers["GREETING"]; no != "" {
		say(no)
		return
	}
	say("220 test")
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line + " ?")[0]); {
		case p.answers[verb] != "":
			say(p.answers[verb])
		case verb == "EHLO":
			say("250-test")
			say("250-AUTH PLAIN")
			say("250-ENHANCEDSTATUSCODES")
			say("250 8BITMIME")
		case verb == "AUTH":
			say("235 welcome")
		case verb == "DATA":
			say("354 go on")
			body, err := c.ReadDotBytes()
			if err != nil {
				return
			}
			if no := p.answers["CONTENT"]; no != "" {
				say(no)
				continue
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
	p := startPeer(t, nil)
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
		p := startPeer(t, map[string]string{"RCPT": answer})
		err := smtp(t, p.address).Send(t.Context(), booking(t, composer(t), "booked", visit()))
		if err == nil || errors.Is(err, notify.ErrRefused) != forGood {
			t.Errorf("%s: %v", answer, err)
		} else if strings.Contains(err.Error(), "maya") {
			t.Errorf("the error names a person: %v", err)
		}
	}
}

func TestOnlyWhatAServerSaysOfTheRecipientOrTheMessageIsForGood(t *testing.T) {
	forGood := map[string]bool{"GREETING": false, "EHLO": false, "AUTH": false, "MAIL": false,
		"RCPT": true, "DATA": true, "CONTENT": true} // the last three are the negative control
	for step, final := range forGood {
		for _, code := range []string{"550", "553", "554", "530", "535"} {
			want := final && strings.HasPrefix(code, "55") && code != "554" // else it is the login, or the server's policy
			answers := map[string]string{step: code + " no, maya@example.test"}
			if step == "EHLO" {
				answers["HELO"] = answers[step] // which is tried next
			}
			p := startPeer(t, answers)
			err := smtp(t, "kindward:hunter2@"+p.address).Send(t.Context(), booking(t, composer(t), "booked", visit()))
			switch {
			case err == nil || errors.Is(err, notify.ErrRefused) != want:
				t.Errorf("%s to %s: for good is %v: %v", code, step, !want, err)
			case !strings.Contains(err.Error(), code):
				t.Errorf("%s to %s: the error does not say the code: %v", code, step, err)
			case strings.Contains(err.Error(), "maya") || strings.Contains(err.Error(), "hunter2"):
				t.Errorf("%s to %s: the error says too much: %v", code, step, err)
			}
			if len(p.mails) != 0 {
				t.Errorf("%s to %s: taken", code, step)
			}
		}
	}
	p := startPeer(t, nil)
	if err := smtp(t, "kindward:hunter2@"+p.address).Send(t.Context(), booking(t, composer(t), "booked",
		visit())); err != nil || len(p.mails) != 1 {
		t.Errorf("control: a server that refuses nothing: %v, %d mails", err, len(p.mails))
	}
}

// A network or a sender that is not let in is mended without touching the message, at whatever step it is said.
func TestAPolicyOfTheServerIsWorthAnotherTry(t *testing.T) {
	forGood := map[string]bool{"554 5.7.1 Relay access denied": false, "550 5.7.1 Client host rejected": false,
		"550 5.1.8 Sender address rejected": false, "554 5.3.2 System not accepting": false,
		"550 5.1.1 User unknown": true, "554 5.2.1 Mailbox disabled": true, "554 5.6.0 Message malformed": true}
	for answer, final := range forGood {
		for _, step := range []string{"RCPT", "CONTENT"} {
			p := startPeer(t, map[string]string{step: answer})
			err := smtp(t, p.address).Send(t.Context(), booking(t, composer(t), "booked", visit()))
			if err == nil || errors.Is(err, notify.ErrRefused) != final {
				t.Errorf("%s to %s: for good is %v: %v", answer, step, !final, err)
			}
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
	p := startPeer(t, nil) // offers no STARTTLS
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

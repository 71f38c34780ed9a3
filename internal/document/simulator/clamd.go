// Package simulator answers in the place of a virus scanner, in demonstrations and tests.
package simulator

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Clamd speaks clamd's protocol. What it finds is what a file has in it: the test file of the field, or one of the
// marks with which it misbehaves.
type Clamd struct {
	Slow time.Duration // that a slow answer takes
}

// The marks. A file that has one in it is answered so.
const (
	MarkFound   = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
	MarkSlow    = "simulated-scanner-slow"
	MarkHang    = "simulated-scanner-hang"    // never an answer
	MarkGarbage = "simulated-scanner-garbage" // no word of the protocol
	MarkHalf    = "simulated-scanner-half"    // "OK" without its end
	MarkLimit   = "simulated-scanner-limit"   // too large for it
	MarkDrop    = "simulated-scanner-drop"    // the connection ends
)

const longest = 32 << 20

// Serve answers until the listener is closed, and lets nobody wait for it after ctx has ended.
func (s *Clamd) Serve(ctx context.Context, l net.Listener) error {
	var open sync.WaitGroup
	defer open.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		open.Go(func() {
			defer conn.Close()
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer stop()
			s.answer(ctx, conn)
		})
	}
}

func (s *Clamd) answer(ctx context.Context, conn net.Conn) {
	r := bufio.NewReader(conn)
	command, err := r.ReadString(0)
	if err != nil {
		return
	}
	if command == "zPING\x00" {
		_, _ = io.WriteString(conn, "PONG\x00")
		return
	}
	if command != "zINSTREAM\x00" {
		_, _ = io.WriteString(conn, "UNKNOWN COMMAND\x00")
		return
	}
	content, err := stream(r)
	if err != nil {
		return
	}
	has := func(mark string) bool { return bytes.Contains(content, []byte(mark)) }
	said := "stream: OK\x00"
	switch {
	case has(MarkHang):
		<-ctx.Done()
		return
	case has(MarkDrop):
		return
	case has(MarkSlow):
		wait(ctx, s.Slow)
	case has(MarkGarbage):
		said = "\x01\x02 HTTP/1.1 200 OK\r\n"
	case has(MarkHalf):
		said = "stream: OK"
	case has(MarkLimit):
		said = "INSTREAM size limit exceeded. ERROR\x00"
	case has(MarkFound):
		said = "stream: Eicar-Test-Signature FOUND\x00"
	}
	_, _ = io.WriteString(conn, said)
}

func wait(ctx context.Context, long time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(long):
	}
}

// stream reads chunks with their lengths until one of none.
func stream(r io.Reader) ([]byte, error) {
	var content []byte
	for {
		var size uint32
		if err := binary.Read(r, binary.BigEndian, &size); err != nil || size == 0 {
			return content, err
		}
		if len(content)+int(size) > longest {
			return nil, io.ErrShortBuffer
		}
		part := make([]byte, size)
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, err
		}
		content = append(content, part...)
	}
}

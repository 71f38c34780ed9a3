package document

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Scanner asks a clamd, by its protocol: INSTREAM, chunk by chunk.
type Scanner struct {
	Address string // host:port, or the path of a socket
	Wait    time.Duration
}

// ScanWait is how long a scan of a file may take.
const ScanWait = 20 * time.Second

// ErrScanner means that nobody knows: the scanner is away, too slow, or says what cannot be read.
var ErrScanner = errors.New("document: the virus scanner did not answer")

const (
	sentAtOnce    = 64 << 10
	longestAnswer = 1 << 10
)

// Scan gives the name of what was found in a file; empty: nothing.
func (s Scanner) Scan(ctx context.Context, content []byte) (found string, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.Wait)
	defer cancel()
	network := "tcp"
	if strings.HasPrefix(s.Address, "/") {
		network = "unix"
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, s.Address)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrScanner, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	sent := send(conn, content) // a server that has had enough answers before the end
	answer, err := io.ReadAll(io.LimitReader(conn, longestAnswer))
	if len(answer) == 0 {
		return "", fmt.Errorf("%w: %w", ErrScanner, errors.Join(sent, err, io.ErrUnexpectedEOF))
	}
	return verdict(answer)
}

func send(conn net.Conn, content []byte) error {
	if _, err := conn.Write([]byte("zINSTREAM\x00")); err != nil {
		return err
	}
	for len(content) > 0 {
		part := content[:min(sentAtOnce, len(content))]
		if _, err := conn.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))); err != nil {
			return err
		}
		if _, err := conn.Write(part); err != nil {
			return err
		}
		content = content[len(part):]
	}
	_, err := conn.Write(make([]byte, 4))
	return err
}

// verdict reads "stream: OK" or "stream: NAME FOUND", whole and nothing else: only that passes.
func verdict(answer []byte) (found string, err error) {
	line, rest, whole := bytes.Cut(answer, []byte{0})
	words, stream := strings.CutPrefix(string(line), "stream: ")
	name, isFound := strings.CutSuffix(words, " FOUND")
	switch {
	case !whole || !stream || len(rest) > 0:
	case words == "OK":
		return "", nil
	case isFound && name != "":
		return name, nil
	}
	return "", fmt.Errorf("%w: it said %.60q", ErrScanner, answer)
}

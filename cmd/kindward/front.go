package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"kindward/handlers/web"
)

// front answers on the address from its first moment: that there is nothing yet, then with pages. Nobody waits in
// silence for a process that reads a large market.
type front struct {
	net.Listener
	server *http.Server
	failed chan error
	shown  atomic.Pointer[http.Handler]
}

// openFront opens the address and answers on it until Close.
func openFront(addr string) (*front, error) {
	starting, err := web.Starting()
	if err != nil {
		return nil, err
	}
	l, err := listen(addr)
	if err != nil {
		return nil, err
	}
	f := &front{Listener: l, failed: make(chan error, 1)}
	f.show(starting)
	f.server = web.Server(f)
	go func() { f.failed <- f.server.Serve(l) }()
	return f, nil
}

func (f *front) show(h http.Handler) { f.shown.Store(&h) }

// ServeHTTP gives a request to whoever answers now.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*f.shown.Load()).ServeHTTP(w, r) }

// Close ends all connections at once.
func (f *front) Close() error { return f.server.Close() }

// linger waits for so long, or until a second signal to stop.
func linger(grace time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	again, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	<-again.Done()
}

// listen opens the address, with one line for a person when it cannot.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("another program listens on %s; stop it, or set KINDWARD_ADDR to another address", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return l, nil
}

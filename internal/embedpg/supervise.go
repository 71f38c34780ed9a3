package embedpg

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// restartTime is how long a server that died is tried to be brought back.
	restartTime = time.Minute
	// A server that dies more often than so many times within a while is not brought back: something is wrong with it.
	mostDeaths  = 5
	deathsCount = 10 * time.Minute
	// rotateEvery is how often the log is looked at.
	rotateEvery = time.Minute
)

func (s *Server) now(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process = p
}

func (s *Server) current() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// Err is why the server could not be brought back, once Done is closed.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

// watch notices when the server ends by itself, and brings it back if it may. It also rotates the log.
func (s *Server) watch(o Options) {
	defer close(s.watched)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.stopped:
			cancel()
		case <-ctx.Done():
		}
	}()
	turn := time.NewTicker(rotateEvery)
	defer turn.Stop()
	var deaths []time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-turn.C:
			if err := rotateLog(logPath(s.location.dataDir), logSize); err != nil {
				o.Log.Warn("PostgreSQL's log could not be rotated", "error", err)
			}
			continue
		case <-s.current().exited:
		}
		if ctx.Err() != nil {
			return
		}
		deaths = append(deaths, time.Now())
		if err := s.comeBack(ctx, o, deaths); err != nil {
			if ctx.Err() == nil {
				s.giveUp(err)
			}
			return
		}
	}
}

func (s *Server) giveUp(err error) {
	s.mu.Lock()
	s.failure = err
	s.mu.Unlock()
	close(s.died)
}

var errDied = errors.New("PostgreSQL has died")

// comeBack starts the server again after its last death, as a start of the program would: what is left of it is cleared
// after proof that nobody works on the cluster.
func (s *Server) comeBack(ctx context.Context, o Options, deaths []time.Time) error {
	if !o.Restart {
		return errDied
	}
	if n := len(deaths) - 1 - mostDeaths; n >= 0 && time.Since(deaths[n]) < deathsCount {
		return fmt.Errorf("PostgreSQL has died %d times within %s", mostDeaths+1, deathsCount)
	}
	o.Log.Error("PostgreSQL has died and is started again", "log", logPath(s.location.dataDir))
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, restartTime)
	defer cancel()
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := s.run(ctx, o)
		if err == nil {
			o.Log.Info("PostgreSQL is back", "took", time.Since(began))
			return nil
		}
		if pause(ctx, wait) != nil {
			return fmt.Errorf("PostgreSQL has died and could not be started again: %w", err)
		}
	}
}

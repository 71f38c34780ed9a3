package audit

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"kindward/internal/pgdial"
	"kindward/queries/relaydb"
)

// What the sealer refuses to go on with. Each needs a person: docs/audit.md says what to do.
var (
	ErrCut      = errors.New("the audit is shorter than the checkpoints outside the database say")
	ErrForked   = errors.New("the audit's tree is not the one that was signed")
	ErrRestored = errors.New(
		"the audit comes from a dump of another server: its transaction ids lie in this server's future; run kindward migrate --restored")

	ErrElsewhere = errors.New("another process seals the audit already") // the worker, as a rule: nothing is wrong
)

// turn is how long a process may seal without taking the turn anew, which it does when a third of it is over. One that
// was killed is followed by another after this time at most. What two who both think that it is theirs would do to the
// tree, its numbers refuse: each leaf stands there once.
const turn = 6 * time.Second

// Session runs a function on one connection of the relay's role, which lives as long as the function.
type Session func(ctx context.Context, fn func(*relaydb.Queries) error) error

// Sealer appends committed events to the tree and signs its head. One of all that run does the work; the others stand
// by.
type Sealer struct {
	Session     Session
	Holder      uuid.UUID // this process: whose the turn is
	Key         Key
	Checkpoints CheckpointLog
	Log         *slog.Logger
	Every       time.Duration               // how often it looks for new events; 0 = a second
	Batch       int                         // most events under one checkpoint; 0 = 10,000
	Done        func(context.Context, Step) // after each checkpoint; may be nil

	said  time.Time // when the log last had a checkpoint
	taken time.Time // when the turn was taken last
}

// Step is one checkpoint.
type Step struct {
	Checkpoint
	Note   string
	Events int
	Lag    time.Duration // from the oldest of the events to now, when the checkpoint is signed and kept
}

// state is where the sealing goes on.
type state struct {
	edge  edge
	epoch position
	xid   uint64
	seq   int64
}

// Run seals until ctx ends. What fails is logged and tried again.
func (s *Sealer) Run(ctx context.Context) {
	s.fill()
	for failures := 0; ctx.Err() == nil; {
		_, err := s.session(ctx, false)
		wait := 2 * s.Every
		if err != nil && ctx.Err() == nil && !errors.Is(err, ErrElsewhere) {
			failures++
			wait = min(s.Every<<min(failures, 6), 30*time.Second)
			if pgdial.Lost(err) { // the database may be back any time
				wait = min(wait, 2*s.Every)
			}
			s.Log.Error("audit: sealing failed", "again_in", wait, "error", err)
		} else {
			failures = 0
		}
		rest(ctx, wait)
	}
}

// Once seals what waits now and gives how many events that were.
func (s *Sealer) Once(ctx context.Context) (events int, err error) {
	s.fill()
	return s.session(ctx, true)
}

func (s *Sealer) fill() {
	if s.Every == 0 {
		s.Every = time.Second
	}
	if s.Batch == 0 {
		s.Batch = 10_000
	}
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// session seals on one connection, as long as the turn is its own.
func (s *Sealer) session(ctx context.Context, once bool) (events int, err error) {
	err = s.Session(ctx, func(q *relaydb.Queries) error {
		if err := s.take(ctx, q); err != nil {
			return err
		}
		defer s.leave(ctx, q)
		at, err := s.load(ctx, q)
		if err != nil {
			return err
		}
		events, err = s.keepSealing(ctx, q, at, once)
		return err
	})
	return events, err
}

// take takes the turn, or takes it anew.
func (s *Sealer) take(ctx context.Context, q *relaydb.Queries) error {
	asked := time.Now()
	took, err := q.TakeSealing(ctx, s.Holder, turn.Seconds())
	switch {
	case err != nil:
		return err
	case took == 0:
		return ErrElsewhere
	}
	s.taken = asked
	return nil
}

// keep takes the turn anew in time. A process that rested for longer than its turn does not know what others sealed
// meanwhile, and begins again.
func (s *Sealer) keep(ctx context.Context, q *relaydb.Queries) error {
	switch old := time.Since(s.taken); {
	case old > turn:
		return ErrElsewhere
	case old > turn/3:
		return s.take(ctx, q)
	}
	return nil
}

// leave gives the turn back, so that another process need not wait for its end.
func (s *Sealer) leave(ctx context.Context, q *relaydb.Queries) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pgdial.PingTimeout)
	defer cancel()
	_ = q.LeaveSealing(ctx, s.Holder) // it ends by itself
}

// keepSealing seals until ctx ends, or until nothing waits.
func (s *Sealer) keepSealing(ctx context.Context, q *relaydb.Queries, at *state, once bool) (events int, err error) {
	for ctx.Err() == nil {
		began := time.Now()
		if err := s.keep(ctx, q); err != nil {
			return events, err
		}
		step, err := s.seal(ctx, q, at)
		if err != nil {
			return events, err
		}
		events += step.Events
		if step.Events > 0 {
			s.say(step)
			if s.Done != nil {
				s.Done(ctx, step)
			}
		}
		if step.Events < s.Batch {
			if once {
				return events, nil
			}
			rest(ctx, s.Every-time.Since(began))
		}
	}
	return events, nil
}

// say puts a checkpoint into the log, which goes elsewhere, once a minute.
func (s *Sealer) say(step Step) {
	level := slog.LevelDebug
	if time.Since(s.said) > time.Minute {
		s.said, level = time.Now(), slog.LevelInfo
	}
	s.Log.Log(context.Background(), level, "audit sealed", "origin", s.Key.Origin, "size", step.Size, "root",
		step.Root.String(), "lag", step.Lag.Round(time.Millisecond))
}

// seal puts the next events under the tree. Leaves, hashes and checkpoint are one statement; the log outside comes
// behind it.
func (s *Sealer) seal(ctx context.Context, q *relaydb.Queries, now *state) (step Step, err error) {
	rows, err := q.UnsealedEvents(ctx, relaydb.UnsealedEventsParams{Xid: now.xid, Seq: now.seq,
		BeforeEpoch: now.epoch.seq, Most: int32(s.Batch)})
	if err != nil || len(rows) == 0 {
		return step, err
	}
	next := edge{now.edge.size, append([]tlog.Hash(nil), now.edge.trees...)}
	add, oldest := grow(&next, rows)
	step.Checkpoint = Checkpoint{next.size, next.root(), now.epoch.number}
	if step.Note, err = s.Key.Sign(step.Checkpoint); err != nil {
		return step, err
	}
	last := rows[len(rows)-1]
	add.Size, add.Root, add.Xid, add.EventSeq, add.Note = step.Size, step.Root[:], last.Xid, last.Seq, step.Note
	if err := q.AppendCheckpoint(ctx, add); err != nil {
		return step, err
	}
	*now = state{next, now.epoch, last.Xid, last.Seq}
	signed := time.Now()
	step.Events, step.Lag = len(rows), signed.Sub(oldest)
	return step, s.Checkpoints.Append(LoggedCheckpoint{At: signed.UTC(), Size: step.Size, Note: step.Note})
}

// grow puts events under a tree and gives what is to be stored for them, and when the oldest of them happened.
func grow(tree *edge, rows []relaydb.AuditEventRow) (add relaydb.AppendCheckpointParams, oldest time.Time) {
	oldest = rows[0].At
	place := tlog.StoredHashIndex(0, tree.size)
	add = relaydb.AppendCheckpointParams{LeafNumbers: make([]int64, len(rows)), LeafEvents: make([]int64, len(rows)),
		LeafHashes:  make([][]byte, len(rows)),
		NodeNumbers: make([]int64, 0, 2*len(rows)+64), NodeHashes: make([][]byte, 0, 2*len(rows)+64)}
	for i, r := range rows {
		hash := EventOf(r).Hash()
		add.LeafNumbers[i], add.LeafEvents[i], add.LeafHashes[i] = tree.size, r.Seq, hash[:]
		for _, h := range tree.add(hash) {
			add.NodeNumbers, add.NodeHashes = append(add.NodeNumbers, place), append(add.NodeHashes, h[:])
			place++
		}
		if r.At.Before(oldest) {
			oldest = r.At
		}
	}
	return add, oldest
}

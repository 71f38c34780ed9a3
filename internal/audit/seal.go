package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

// What the sealer refuses to go on with. Each needs a person: docs/audit.md says what to do.
var (
	ErrCut      = errors.New("the audit is shorter than the checkpoints outside the database say")
	ErrForked   = errors.New("the audit's tree is not the one that was signed")
	ErrRestored = errors.New("the audit comes from a dump of another server: its transaction ids lie in this server's future")

	ErrElsewhere = errors.New("another process seals the audit already") // the worker, as a rule: nothing is wrong
)

// The sealer's role may run these statements and no others on the audit's events.
const (
	readUnsealed = `select ` + columns + ` from audit.event e
		where (e.xid, e.seq) > ($1::xid8, $2::bigint) and e.xid < pg_snapshot_xmin(pg_current_snapshot())
		order by e.xid, e.seq limit $3`
	readState = `select c.size, c.root, c.xid, c.event_seq, c.note, c.at, c.xid >= pg_snapshot_xmax(pg_current_snapshot()),
		(select coalesce(max(l.number), -1) + 1 from audit.leaf l) from audit.checkpoint c order by c.size desc limit 1`
	addLeaves     = `insert into audit.leaf (number, event_seq, hash) select * from unnest($1::bigint[], $2::bigint[], $3::bytea[])`
	addNodes      = `insert into audit.node (number, hash) select * from unnest($1::bigint[], $2::bytea[])`
	addCheckpoint = `insert into audit.checkpoint (size, root, xid, event_seq, note) values ($1, $2, $3, $4, $5)`
	takeTurn      = `select pg_try_advisory_lock(hashtext('kindward audit sealer'))`
)

// Sealer appends committed events to the tree and signs its head. One of all that run does the work; the others stand by.
type Sealer struct {
	URL   string // the relay's address
	Key   Key
	Book  Book
	Log   *slog.Logger
	Every time.Duration               // how often it looks for new events; 0 = a second
	Batch int                         // most events under one checkpoint; 0 = 10,000
	Done  func(context.Context, Step) // after each checkpoint; may be nil

	said time.Time // when the log last had a checkpoint
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
	edge edge
	xid  uint64
	seq  int64
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

// session seals on one connection, which holds the turn for as long as it lives.
func (s *Sealer) session(ctx context.Context, once bool) (events int, err error) {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var mine bool
	if err := conn.QueryRow(ctx, takeTurn).Scan(&mine); err != nil {
		return 0, err
	}
	if !mine {
		return 0, ErrElsewhere
	}
	at, err := s.load(ctx, conn)
	if err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		began := time.Now()
		step, err := s.seal(ctx, conn, at)
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
	s.Log.Log(context.Background(), level, "audit sealed", "origin", s.Key.Origin, "size", step.Size, "root", step.Root.String(), "lag", step.Lag.Round(time.Millisecond))
}

// load finds where to go on, and refuses a tree that is not the one that was signed.
func (s *Sealer) load(ctx context.Context, conn *pgx.Conn) (*state, error) {
	last, err := s.Book.Last()
	if err != nil {
		return nil, err
	}
	var kept Checkpoint
	var at time.Time
	var root []byte
	var text string
	var leaves int64
	var future bool
	now := &state{}
	err = conn.QueryRow(ctx, readState).Scan(&kept.Size, &root, &now.xid, &now.seq, &text, &at, &future, &leaves)
	if errors.Is(err, pgx.ErrNoRows) {
		if last.Size > 0 {
			return nil, fmt.Errorf("%w: %d events outside, none in the database", ErrCut, last.Size)
		}
		return now, nil
	}
	if err != nil {
		return nil, err
	}
	if kept.Root, err = hashOf(root); err != nil {
		return nil, err
	}
	verifier, err := NewVerifier(s.Key.Public)
	if err != nil {
		return nil, err
	}
	switch signed, err := verifier.Open(text); {
	case err != nil:
		return nil, err
	case future:
		return nil, ErrRestored
	case signed != kept || leaves != kept.Size:
		return nil, fmt.Errorf("%w: %d signed, %d kept, %d leaves", ErrForked, signed.Size, kept.Size, leaves)
	case last.Size > kept.Size:
		return nil, fmt.Errorf("%w: %d events outside, %d in the database", ErrCut, last.Size, kept.Size)
	}
	tree := nodes{ctx, conn}
	now.edge.size = kept.Size
	if now.edge.trees, err = tree.ReadHashes(edgeNumbers(kept.Size)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForked, err)
	}
	if now.edge.root() != kept.Root {
		return nil, fmt.Errorf("%w: the kept hashes do not make the root of %d", ErrForked, kept.Size)
	}
	if last.Size > 0 {
		signed, err := verifier.Open(last.Note)
		if err != nil {
			return nil, fmt.Errorf("outside the database: %w", err)
		}
		if then, err := tlog.TreeHash(last.Size, tree); err != nil || then != signed.Root {
			return nil, fmt.Errorf("%w: at %d events it was another one", ErrForked, last.Size)
		}
	}
	if last.Size < kept.Size { // the process ended between commit and file, or another one sealed
		err = s.Book.Append(Entry{At: at.UTC(), Size: kept.Size, Note: text})
	}
	return now, err
}

// seal puts the next events under the tree. Leaves, hashes and checkpoint are one transaction; the book comes behind it.
func (s *Sealer) seal(ctx context.Context, conn *pgx.Conn, now *state) (step Step, err error) {
	rows, err := conn.Query(ctx, readUnsealed, now.xid, now.seq, s.Batch)
	if err != nil {
		return step, err
	}
	events, err := pgx.CollectRows(rows, scanEvent)
	if err != nil || len(events) == 0 {
		return step, err
	}
	next := edge{now.edge.size, append([]tlog.Hash(nil), now.edge.trees...)}
	numbers, seqs, leaves := make([]int64, len(events)), make([]int64, len(events)), make([][]byte, len(events))
	stored, first := make([][]byte, 0, 2*len(events)+64), tlog.StoredHashIndex(0, next.size)
	oldest := events[0].At.Time
	for i, e := range events {
		hash := e.Hash()
		numbers[i], seqs[i], leaves[i] = next.size, e.Seq, hash[:]
		for _, h := range next.add(hash) {
			stored = append(stored, h[:])
		}
		if e.At.Before(oldest) {
			oldest = e.At.Time
		}
	}
	places := make([]int64, len(stored))
	for i := range places {
		places[i] = first + int64(i)
	}
	step.Checkpoint = Checkpoint{next.size, next.root()}
	if step.Note, err = s.Key.Sign(step.Checkpoint); err != nil {
		return step, err
	}
	last := events[len(events)-1]
	var b pgx.Batch // without a begin of its own: one implicit transaction
	b.Queue(addLeaves, numbers, seqs, leaves)
	b.Queue(addNodes, places, stored)
	b.Queue(addCheckpoint, step.Size, step.Root[:], last.XID, last.Seq, step.Note)
	if err := conn.SendBatch(ctx, &b).Close(); err != nil {
		return step, err
	}
	*now = state{next, last.XID, last.Seq}
	signed := time.Now()
	step.Events, step.Lag = len(events), signed.Sub(oldest)
	return step, s.Book.Append(Entry{At: signed.UTC(), Size: step.Size, Note: step.Note})
}

package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kindward/queries/relaydb"
)

// witnessFile is what a file says now, up to its last whole line as a rule.
type witnessFile struct {
	path string
	size int64
}

// ErrNoWitness means that a path of a witness is named where there is none.
var ErrNoWitness = errors.New("there is no witness")

// witnessFiles are the files that some paths name: files, and folders with all days of theirs. ErrNoWitness: a path
// that does not exist.
func witnessFiles(paths ...string) (files []witnessFile, err error) {
	for _, path := range paths {
		named := []string{path}
		switch info, err := os.Stat(path); {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%w at %s", ErrNoWitness, path)
		case err == nil && info.IsDir():
			if named, err = filepath.Glob(filepath.Join(path, "*.jsonl")); err != nil {
				return nil, err
			}
		}
		for _, name := range named {
			info, err := os.Stat(name)
			if err != nil {
				return nil, err
			}
			files = append(files, witnessFile{name, info.Size()})
		}
	}
	return files, nil
}

// witnesses compares what processes wrote down of committed events with the tree, and where an event is not under it
// yet, with the event.
func (r *Report) witnesses(ctx context.Context, q *relaydb.Queries, files []witnessFile) error {
	for _, w := range files {
		r.WitnessFiles++
		f, err := os.Open(w.path)
		if err != nil {
			return err
		}
		err = r.witness(ctx, q, io.LimitReader(f, w.size))
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// witness compares one file, a page at a time. Lines that a process was killed over are counted.
func (r *Report) witness(ctx context.Context, q *relaydb.Queries, file io.Reader) error {
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	said := make([]WitnessedEvent, 0, page)
	for lines.Scan() {
		var e WitnessedEvent
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Seq == 0 {
			r.Unreadable++
			continue
		}
		if said = append(said, e); len(said) == page {
			if err := r.compare(ctx, q, said); err != nil {
				return err
			}
			said = said[:0]
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return r.compare(ctx, q, said)
}

func (r *Report) compare(ctx context.Context, q *relaydb.Queries, said []WitnessedEvent) error {
	seqs := make([]int64, len(said))
	for i, e := range said {
		seqs[i] = e.Seq
	}
	kept, err := sealedOrWritten(ctx, q, seqs)
	if err != nil {
		return err
	}
	for _, e := range said {
		r.Witnessed++
		at := e.At.UTC().Format(time.RFC3339)
		switch hash, there := kept[e.Seq]; {
		case hash != e.Hash && slices.ContainsFunc(r.Epochs, func(k Epoch) bool { return k.lost(e) }):
			r.WitnessedLost++
		case !there:
			r.find("deleted", "event %d of %s was committed, and was deleted before it was sealed: a witness has it", e.Seq,
				at)
		case hash != e.Hash:
			r.find("changed", "event %d of %s is not as it was committed: it was changed before it was sealed", e.Seq, at)
		}
	}
	return nil
}

// sealedOrWritten are the leaf hashes of events by their numbers: as they stand in the tree, or else as the events make
// them.
func sealedOrWritten(ctx context.Context, q *relaydb.Queries, seqs []int64) (map[int64]tlog.Hash, error) {
	leaves, err := q.LeavesOfEvents(ctx, seqs)
	if err != nil {
		return nil, err
	}
	kept := make(map[int64]tlog.Hash, len(seqs))
	for _, l := range leaves {
		kept[l.EventSeq], _ = hashOf(l.Hash) // of another length: no event has the zero hash
	}
	rest := slices.DeleteFunc(slices.Clone(seqs), func(seq int64) bool { _, sealed := kept[seq]; return sealed })
	if len(rest) == 0 {
		return kept, nil
	}
	events, err := q.EventsOfLeaves(ctx, rest)
	for _, e := range events {
		kept[e.Seq] = EventOf(e).Hash()
	}
	return kept, err
}

package audit

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// ExtractWriter writes some events of the log as JSON lines, each with the proof that it stands under one checkpoint:
// a header with the checkpoint first, the count at the end. All that is needed to check it is the public key. What is
// not in it, it does not say: it is an extract, not the log.
type ExtractWriter struct {
	W     io.Writer
	size  int64
	paths map[int64][]tlog.Hash
}

// StoredHashes reads hashes of the tree by their numbers, as tlog.StoredHashIndex counts them.
type StoredHashes func(numbers []int64) (map[int64]tlog.Hash, error)

// Begin writes the header. An empty checkpoint means that nothing is sealed yet.
func (x *ExtractWriter) Begin(checkpoint string, size int64) error {
	x.size = size
	return x.line(line{Extract: true, Form: 1, Checkpoint: checkpoint, Size: size})
}

// Prove reads what the proofs of some leaves are made of, all at once. A leaf that is negative or beyond the checkpoint
// has none.
func (x *ExtractWriter) Prove(leaves []int64, read StoredHashes) error {
	var sealed, numbers []int64
	asked := errors.New("asked")
	for _, n := range leaves {
		if n < 0 || n >= x.size {
			continue
		}
		sealed = append(sealed, n)
		_, err := tlog.ProveRecord(x.size, n, tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
			numbers = append(numbers, at...)
			return nil, asked
		}))
		if err != nil && !errors.Is(err, asked) {
			return err
		}
	}
	hashes := map[int64]tlog.Hash{}
	if len(numbers) > 0 {
		var err error
		if hashes, err = read(numbers); err != nil {
			return err
		}
	}
	x.paths = map[int64][]tlog.Hash{}
	for _, n := range sealed {
		path, err := tlog.ProveRecord(x.size, n, tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
			for _, number := range at {
				h, found := hashes[number]
				if !found {
					return nil, fmt.Errorf("hash %d of the tree is missing", number)
				}
				out = append(out, h)
			}
			return out, nil
		}))
		if err != nil {
			return err
		}
		x.paths[n] = path
	}
	return nil
}

// Event writes one event, with its proof if Prove made one of its leaf.
func (x *ExtractWriter) Event(e Event, leaf int64) error {
	l := line{Event: e.Canonical(), Hash: e.Hash().String()}
	if path, proved := x.paths[leaf]; proved {
		l.Leaf, l.Path = &leaf, path
	}
	return x.line(l)
}

// End writes how many events there are; cut: there were more.
func (x *ExtractWriter) End(events int, cut bool) error {
	return x.line(line{End: true, Size: int64(events), Cut: cut})
}

func (x *ExtractWriter) line(l line) error {
	raw, err := marshalLine(l)
	if err == nil {
		_, err = x.W.Write(raw)
	}
	return err
}

// marshalLine keeps the bytes of an event as they are: they are what was hashed.
func marshalLine(l line) ([]byte, error) {
	raw, err := json.Marshal(l)
	return append(raw, '\n'), err
}

// verifyExtract checks the rest of an extract, whose header was read.
func verifyExtract(head line, lines *bufio.Scanner, v Verifier) (*Report, error) {
	r := &Report{Extract: true}
	signed, err := Checkpoint{}, error(nil)
	if head.Checkpoint != "" {
		if signed, err = v.Open(head.Checkpoint); err != nil {
			r.find("forged", "the checkpoint of the extract is not signed by this deployment")
			return r, nil
		}
		r.Checkpoints, r.Size = 1, signed.Size
	}
	seen, ended := map[int64]bool{}, false
	for n := 2; lines.Scan(); n++ {
		var l line
		switch err := json.Unmarshal(lines.Bytes(), &l); {
		case err != nil:
			r.find("changed", "line %d of the extract cannot be read", n)
		case l.End:
			ended = true
			if all := r.Events + r.Unsealed; l.Size != all {
				r.find("deleted", "the extract has %d events and says that it had %d", all, l.Size)
			}
		case l.Leaf == nil:
			r.Unsealed++
		case seen[*l.Leaf]:
			r.find("added", "leaf %d stands in the extract more than once", *l.Leaf)
		default:
			seen[*l.Leaf] = true
			r.Events++
			if tlog.CheckRecord(l.Path, signed.Size, signed.Root, *l.Leaf, tlog.RecordHash(l.Event)) != nil {
				r.find("changed", "line %d is not the event that was sealed at leaf %d", n, *l.Leaf)
			}
		}
	}
	if !ended && lines.Err() == nil {
		r.find("cut", "the extract has no end: it was cut")
	}
	return r, lines.Err()
}

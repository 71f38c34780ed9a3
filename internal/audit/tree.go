package audit

import (
	"context"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"kindward/queries/relaydb"
)

// edge is the right edge of the tree: the hashes of the perfect subtrees that its size is made of, the largest first.
// It is all that is needed to go on, and grows with the logarithm of the size.
type edge struct {
	size  int64
	trees []tlog.Hash
}

// add puts one leaf under the tree and gives the hashes to store from number tlog.StoredHashIndex(0, size before) on.
func (e *edge) add(leaf tlog.Hash) (stored []tlog.Hash) {
	stored = append(make([]tlog.Hash, 0, 2), leaf)
	for n := e.size; n&1 == 1; n >>= 1 {
		last := len(e.trees) - 1
		leaf = tlog.NodeHash(e.trees[last], leaf)
		e.trees = e.trees[:last]
		stored = append(stored, leaf)
	}
	e.trees = append(e.trees, leaf)
	e.size++
	return stored
}

// root is the head of the tree as it is now.
func (e *edge) root() tlog.Hash {
	if e.size == 0 {
		return emptyTree
	}
	last := len(e.trees) - 1
	h := e.trees[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(e.trees[i], h)
	}
	return h
}

var emptyTree, _ = tlog.TreeHash(0, nil)

// edgeNumbers are the stored hashes that the edge of a tree of this size consists of.
func edgeNumbers(size int64) (numbers []int64) {
	var low int64
	for level := bits.Len64(uint64(size)) - 1; level >= 0; level-- {
		if size&(1<<level) != 0 {
			numbers = append(numbers, tlog.StoredHashIndex(level, low>>level))
			low += 1 << level
		}
	}
	return numbers
}

// nodes reads stored hashes from the database; it is a tlog.HashReader, which asks again and again while a proof is
// made.
type nodes struct {
	ctx     context.Context
	queries *relaydb.Queries
}

// ReadHashes implements tlog.HashReader.
func (n nodes) ReadHashes(numbers []int64) ([]tlog.Hash, error) {
	rows, err := n.queries.Nodes(n.ctx, numbers)
	if err != nil {
		return nil, err
	}
	found := make(map[int64]tlog.Hash, len(rows))
	for _, r := range rows {
		if found[r.Number], err = hashOf(r.Hash); err != nil {
			return nil, err
		}
	}
	out := make([]tlog.Hash, len(numbers))
	for i, number := range numbers {
		h, ok := found[number]
		if !ok {
			return nil, fmt.Errorf("hash %d of the tree is missing", number)
		}
		out[i] = h
	}
	return out, nil
}

func hashOf(raw []byte) (h tlog.Hash, err error) {
	if len(raw) != len(h) {
		return h, fmt.Errorf("a hash of %d bytes", len(raw))
	}
	copy(h[:], raw)
	return h, nil
}

package intake

import (
	"context"
	"sync"

	"kindward/internal/form"
	"kindward/queries/shareddb"
)

// Form is what the rows of published versions are kept under.
const Form = "intake"

// FirstPublished is the version that is published first: those before come with the program.
const FirstPublished = 1001

// Versions are all that can be asked by now.
type Versions struct {
	all    map[int]*Definition
	newest int
	last   int // that is published, whether this program understands it or not
}

// Load asks which versions are published: whatever somebody publishes, the next page of every process asks by.
func Load(ctx context.Context, q *shareddb.Queries) (Versions, error) {
	own, err := loaded()
	if err != nil {
		return Versions{}, err
	}
	rows, err := q.FormVersions(ctx, known(), Form)
	v := Versions{all: map[int]*Definition{}, newest: Latest, last: Latest}
	for version, d := range own {
		v.all[version] = d
	}
	for _, row := range rows {
		v.last = max(v.last, int(row.Version))
		if d := compiled(row.Hash, row.Text); d != nil {
			v.all[int(row.Version)] = d
			v.newest = max(v.newest, int(row.Version))
		}
	}
	return v, err
}

// Last is the version behind which the next one comes.
func (v Versions) Last() int { return v.last }

// Definition is that of a version, or of the newest where that one is not there: a program that does not understand a
// published version asks by the one before.
func (v Versions) Definition(version int) (*Definition, int) {
	if d, ok := v.all[version]; ok {
		return d, version
	}
	return v.all[v.newest], v.newest
}

// Before is the version before another one; false: there is none.
func (v Versions) Before(version int) (before *Definition, ok bool) {
	for n := version - 1; n > 0 && !ok; n-- {
		before, ok = v.all[n]
	}
	return before, ok
}

// Find is what a version asks before a visit, 0 is the newest; and which version that is.
func (v Versions) Find(version int, visit Visit) (*form.Form, int) {
	d, version := v.Definition(version)
	return d.Form.With(visit.Given()), version
}

// memory has what was read of each published text, by its hash: nil is one that this program does not understand. A
// version is never changed, and all processes read the same.
var memory sync.Map

func known() (hashes []string) {
	memory.Range(func(hash, _ any) bool {
		hashes = append(hashes, hash.(string))
		return true
	})
	return hashes
}

func compiled(hash, text string) *Definition {
	if d, ok := memory.Load(hash); ok {
		return d.(*Definition)
	}
	d, err := Read(text)
	if err != nil {
		d = nil
	}
	memory.Store(hash, d)
	return d
}

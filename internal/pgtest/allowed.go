package pgtest

import (
	"regexp"
	"testing"

	"github.com/jackc/pgx/v5"
)

var quotedWord = regexp.MustCompile(`'([^']*)'::text`)

// Allowed are the words that a CHECK constraint on one column alone allows in it, in the order in which they are
// written there; none if no constraint lists any. Table is qualified.
func (db *DB) Allowed(t testing.TB, table, column string) (words []string) {
	t.Helper()
	rows, err := db.admin(t).Query(t.Context(), `select pg_get_constraintdef(c.oid) from pg_constraint c
		join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
		where c.contype = 'c' and c.conrelid = $1::text::regclass and a.attname = $2`, table, column)
	if err != nil {
		t.Fatal(err)
	}
	definitions, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, definition := range definitions {
		for _, m := range quotedWord.FindAllStringSubmatch(definition, -1) {
			words = append(words, m[1])
		}
	}
	return words
}

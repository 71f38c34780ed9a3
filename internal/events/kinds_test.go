package events_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kindward/internal/events"
)

var (
	oneQuery = regexp.MustCompile(`(?s)-- name: (\w+) :\w+\n(.*?);\n`)
	append1  = regexp.MustCompile(`(?s)insert into outbox\.event \(kind, subject_id(?:, data)?\)(.*?)(?:\n\)|$)`)
	quoted   = regexp.MustCompile(`(?s)'([a-z]+\.[a-z_]+)'(.*?)(?:\sfrom\s|$)`)
	key      = regexp.MustCompile(`'(\w+)', `)
)

// appended reads from a file of queries which kinds are appended by which query, with which keys.
func appended(text string) map[events.Kind]events.KindFacts {
	out := map[events.Kind]events.KindFacts{}
	for _, q := range oneQuery.FindAllStringSubmatch(text+"\n", -1) {
		for _, insert := range append1.FindAllStringSubmatch(q[2], -1) {
			for _, m := range quoted.FindAllStringSubmatch(insert[1], -1) {
				f := out[events.Kind(m[1])]
				f.AppendedBy = append(f.AppendedBy, q[1])
				_, object, _ := strings.Cut(m[2], "jsonb_build_object(")
				for _, k := range key.FindAllStringSubmatch(object, -1) {
					if !slices.Contains(f.Fields, k[1]) {
						f.Fields = append(f.Fields, k[1])
					}
				}
				out[events.Kind(m[1])] = f
			}
		}
	}
	return out
}

func sorted(all []string) string {
	all = slices.Clone(all)
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestEveryKindThatAStatementAppendsIsInTheListAsItIsAppended(t *testing.T) {
	files, err := filepath.Glob("../../queries/*/*.sql")
	if err != nil || len(files) < 10 {
		t.Fatal(len(files), err)
	}
	var text strings.Builder
	inserts := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		inserts += strings.Count(string(raw), "insert into outbox.event")
		text.Write(raw)
		text.WriteByte('\n')
	}
	found := appended(text.String())
	read := 0
	for kind, f := range found {
		read += len(f.AppendedBy)
		listed := slices.IndexFunc(events.Kinds, func(k events.KindFacts) bool { return k.Kind == kind })
		if listed < 0 {
			t.Errorf("%s is appended by %s and not in the list", kind, f.AppendedBy)
			continue
		}
		if k := events.Kinds[listed]; sorted(k.AppendedBy) != sorted(f.AppendedBy) || sorted(k.Fields) != sorted(f.Fields) {
			t.Errorf("%s is appended by %v with %v; the list says by %v with %v", kind, f.AppendedBy, f.Fields, k.AppendedBy,
				k.Fields)
		}
	}
	for _, k := range events.Kinds {
		if _, ok := found[k.Kind]; !ok {
			t.Errorf("%s is in the list and no statement appends it", k.Kind)
		}
	}
	if read < inserts {
		t.Errorf("%d of %d inserts were read", read, inserts)
	}
	control := appended("-- name: Break :exec\nwith x as (\n    insert into outbox.event (kind, subject_id, data)\n    select 'thing.broken', id, jsonb_build_object('cause', cause) from y\n)\nselect 1;\n")
	if f := control["thing.broken"]; sorted(f.AppendedBy) != "Break" || sorted(f.Fields) != "cause" {
		t.Errorf("control: %+v", control)
	}
}

func TestEveryKindIsListedOnceAndForConsumersThatExist(t *testing.T) {
	seen := map[events.Kind]bool{}
	for _, k := range events.Kinds {
		if seen[k.Kind] {
			t.Errorf("%s is listed twice", k.Kind)
		}
		seen[k.Kind] = true
		for _, c := range k.Consumers {
			if c != events.Messages && c != events.Listings && c != events.Busy {
				t.Errorf("%s: no consumer is called %q", k.Kind, c)
			}
		}
	}
}

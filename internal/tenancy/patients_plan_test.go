package tenancy_test

import (
	"testing"

	"kindward/internal/pgtest"
)

// As the app's role asks again and again: behind the gate, parameters unknown.
func TestAPatientOfTenThousandIsFoundByAnIndex(t *testing.T) {
	db := pgtest.Open(t)
	c := newFixtures(t, db)
	find := generatedQueries(t, "tenantdb")["FindPatients"]
	// what the rows say does not matter: there are no statistics of it
	db.Admin(t, `insert into `+c.a.Schema+`.patient (id, name) select gen_random_uuid(), '' from generate_series(1, 10000)`)
	db.Admin(t, `analyze `+c.a.Schema+`.patient`)
	alice := raw(t, db)
	plan := func() (read map[string]bool, whole bool) {
		inside := alice
		inside.start = "deallocate all; begin; " + enter(alice.pass(db, c.a.ID, c.alice), c.a.Schema)
		tree, got := inside.plan(find)
		if got.code != "" {
			t.Fatal(got)
		}
		read = map[string]bool{}
		indexesOf(tree, c.a.Schema, read)
		return read, readsWhole(tree, "patient")
	}
	read, whole := plan()
	for _, index := range []string{"patient_word_1", "patient_word_2", "patient_word_3", "patient_word_4", "patient_last",
		"patient_phone", "patient_email", "patient_born"} {
		if !read[c.a.Schema+"."+index] {
			t.Errorf("%s is not read", index)
		}
	}
	if whole {
		t.Error("all patients are read")
	}
	db.Admin(t, `drop index `+c.a.Schema+`.patient_word_2`)
	if _, whole = plan(); !whole {
		t.Error("control: without an index not all are read")
	}
}

// readsWhole tells whether a plan goes through all of a table, itself or in the order of an index.
func readsWhole(node any, table string) (whole bool) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			whole = whole || readsWhole(child, table)
		}
	case map[string]any:
		whole = n["Relation Name"] == table && n["Index Cond"] == nil && n["Plans"] == nil ||
			n["Relation Name"] == table && n["Node Type"] == "Seq Scan"
		for _, value := range n {
			whole = whole || readsWhole(value, table)
		}
	}
	return whole
}

package tenancy_test

import (
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// As the app's role asks again and again: behind the gate, parameters unknown.
func TestAPatientAmongThousandsIsFoundByAnIndex(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := newFixtures(t, db)
	db.Admin(t, `insert into `+c.a.Schema+`.patient (id, name) select md5(n::text)::uuid, '' from generate_series(1, 20000) n;
		insert into `+c.a.Schema+`.patient_name_word
			select md5(n::text)::uuid, w from generate_series(1, 20000) n, unnest(array['p' || n, 'de', 'q' || n]) w`)
	for _, table := range []string{"patient", "patient_name_word"} {
		db.Admin(t, `vacuum analyze `+c.a.Schema+`.`+table)
	}
	alice := raw(t, db)
	plan := func(name string) (read map[string]bool, whole bool) {
		inside := alice
		inside.start = "deallocate all; begin; " + enter(alice.pass(db, c.a.ID, c.alice), c.a.Schema)
		return planned(t, inside, generatedQueries(t, "tenantdb")[name], c.a.Schema, "patient", "patient_name_word")
	}
	for name, indexes := range map[string][]string{
		"FindPatients": {"patient_name_word_word", "patient_name_word_pkey", "patient_phone", "patient_email",
			"patient_born"},
		"FindCharts": {"patient_name_word_word", "patient_name_word_pkey", "patient_email", "patient_pkey"},
	} {
		read, whole := plan(name)
		for _, index := range indexes {
			if !read[c.a.Schema+"."+index] {
				t.Errorf("%s: %s is not read", name, index)
			}
		}
		if name == "FindPatients" && whole { // the end of an id, of which FindCharts may be asked, has no index
			t.Error(name, "reads all")
		}
	}
	db.Admin(t, `drop index `+c.a.Schema+`.patient_name_word_word;
		alter table `+c.a.Schema+`.patient_name_word drop constraint patient_name_word_pkey`)
	if _, whole := plan("FindPatients"); !whole {
		t.Error("control: without an index not all are read")
	}
}

func TestAnAccountAmongThousandsIsFoundByAnIndex(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := newFixtures(t, db)
	db.Admin(t, `insert into directory.account (id, email, name, phone) select md5(n::text)::uuid, 'p' || n || '@example.test',
			'', '+1401' || n from generate_series(1000001, 1020000) n;
		insert into directory.account_name_word select md5(n::text)::uuid, w
			from generate_series(1000001, 1020000) n, unnest(array['p' || n, 'de', 'q' || n]) w`)
	db.Admin(t, `vacuum analyze directory.account`)
	db.Admin(t, `vacuum analyze directory.account_name_word`)
	staff := attacker{conn: db.Connect(t, db.IdentityURL()).PgConn(), end: "rollback"}
	plan := func() (map[string]bool, bool) {
		staff.start = "deallocate all; begin; " + enter(staff.pass(db, c.a.ID, c.alice), tenancy.TemplateSchema)
		return planned(t, staff, generatedQueries(t, "shareddb")["FindAccounts"], "directory", "account",
			"account_name_word")
	}
	read, whole := plan()
	for _, index := range []string{"account_name_word_word", "account_name_word_pkey", "account_email_start",
		"account_phone", "account_pkey"} {
		if !read["directory."+index] {
			t.Errorf("%s is not read", index)
		}
	}
	if whole {
		t.Error("all accounts are read")
	}
	db.Admin(t, `drop index directory.account_name_word_word;
		alter table directory.account_name_word drop constraint account_name_word_pkey`)
	if _, whole = plan(); !whole {
		t.Error("control: without an index not all are read")
	}
}

// planned is the plan of a statement whose parameters are unknown: the indexes that it reads, and whether it goes
// through all of one of these tables.
func planned(t *testing.T, who attacker, sql, schema string, tables ...string) (read map[string]bool, whole bool) {
	t.Helper()
	tree, got := who.plan(sql)
	if got.code != "" {
		t.Fatal(got)
	}
	read = map[string]bool{}
	indexesOf(tree, schema, read)
	for _, table := range tables {
		whole = whole || readsWhole(tree, table)
	}
	return read, whole
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

package tenancy_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// generatedQueries reads the statements of a queries package as sqlc wrote them down: constants that begin with "--
// name:".
func generatedQueries(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../../queries", folder, "*.sql.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("no queries", err)
	}
	out := map[string]string{}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
				sql, _ := strconv.Unquote(text.Value)
				if rest, ok := strings.CutPrefix(sql, "-- name: "); ok {
					name, _, _ := strings.Cut(rest, " ")
					out[name] = sql
				}
			}
			return true
		})
	}
	return out
}

// plan explains a statement as the app's role would run it again and again: a generic plan, parameters unknown.
func (a attacker) plan(sql string) (any, outcome) {
	_, body, _ := strings.Cut(sql, "\n")
	got := a.try("set local plan_cache_mode = force_generic_plan; prepare q as " +
		strings.TrimSuffix(strings.TrimSpace(body), ";"))
	if got.code != "" {
		return nil, got
	}
	args, n := "", 0
	for _, parameter := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(body, -1) {
		if i, _ := strconv.Atoi(parameter[1]); i > n {
			n = i
		}
	}
	if n > 0 {
		args = "(null" + strings.Repeat(", null", n-1) + ")"
	}
	again := a
	again.start = strings.TrimPrefix(a.start, "deallocate all; ") // what was prepared stays
	got = again.try("set local plan_cache_mode = force_generic_plan; explain (verbose, format json) execute q" + args)
	if got.code != "" {
		return nil, got
	}
	var plan any
	if err := json.Unmarshal([]byte(strings.Join(got.rows, "\n")), &plan); err != nil {
		return nil, outcome{code: "json", message: err.Error()}
	}
	return plan, got
}

// perRow walks a plan and gives the places where the context is asked outside of an InitPlan, that is, once per row.
// A default of an inserted row is asked where the row is made.
func perRow(node any, inInit, inInsert bool, initPlans *int) (found []string) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			found = append(found, perRow(child, inInit, inInsert, initPlans)...)
		}
	case map[string]any:
		inInit = inInit || n["Parent Relationship"] == "InitPlan"
		inInsert = inInsert || n["Node Type"] == "ModifyTable" && n["Operation"] == "Insert"
		for key, value := range n {
			text := fmt.Sprint(value)
			if key == "Plans" || key == "Plan" {
				found = append(found, perRow(value, inInit, inInsert, initPlans)...)
			} else if strings.Contains(text, "ctx.tenant()") || strings.Contains(text, "ctx.subject()") {
				if inInit {
					*initPlans++
				} else if !inInsert || key != "Output" {
					found = append(found, fmt.Sprintf("%s of %v: %s", key, n["Node Type"], text))
				}
			}
		}
	}
	return found
}

// hot are the statements whose price people feel.
var hot = []string{"RequireOffering", "InsertHold", "InsertClaim", "InsertBusy", "LockHold", "UpsertChart", "BookHold",
	"BookClaim", "SetBusyUntil", "IndexAppointment", "InsertConsent", "InsertRequestKey", "AppointmentPage", "HoldPage",
	"MoveAppointment", "CancelAppointment", "ExtendHold", "ReleaseClaim", "DeleteBusy"}

func TestTheContextIsAskedOncePerStatement(t *testing.T) {
	db := pgtest.Open(t)
	c := newFixtures(t, db)
	alice := raw(t, db)
	explain := func(sql string) (bad []string, initPlans int, got outcome) {
		inside := alice
		inside.start = "deallocate all; begin; " + enter(alice.pass(db, c.a.ID, c.alice), c.a.Schema)
		plan, got := inside.plan(sql)
		return perRow(plan, false, false, &initPlans), initPlans, got
	}
	seen, all := 0, map[string]string{}
	for _, folder := range []string{"tenantdb", "shareddb"} {
		for name, sql := range generatedQueries(t, folder) {
			all[name] = sql
			bad, initPlans, got := explain(sql)
			if got.code == "42501" && strings.Contains(got.message, "permission denied") {
				continue // the owner's or the relay's
			}
			if got.code != "" {
				t.Errorf("%s: %s", name, got)
			}
			if len(bad) > 0 {
				t.Errorf("%s asks for the context per row: %v", name, bad)
			}
			if slices.Contains(hot, name) && initPlans == 0 {
				t.Errorf("%s does not ask for the context at all", name)
			}
			seen++
		}
	}
	for _, name := range append(hot, "BusyRanges") {
		if all[name] == "" {
			t.Errorf("there is no query %s any more", name)
		}
	}
	t.Logf("%d plans", seen)

	// Control: the generator's other variant, without the sub-select, is asked per row.
	for _, sql := range tenancy.Gate(true, c.a.Schema, "appointment", c.a.ID) {
		if strings.HasPrefix(sql, "create policy") {
			db.Admin(t, "drop policy gate on "+c.a.Schema+".appointment")
			db.Admin(t, sql)
		}
	}
	if bad, _, _ := explain(all["HoldPage"]); len(bad) == 0 {
		t.Error("control: a bare call in the gate is not noticed")
	}
}

func TestTheGeneratorKnowsTwoDialects(t *testing.T) {
	id := pgtest.Open(t).Tenant(t, "clinic").ID
	for bare, call := range map[bool]string{false: "(select ctx.tenant()) = ", true: "(ctx.tenant() = "} {
		text := strings.Join(append(tenancy.Gate(bare, "t_0", "patient", id), tenancy.SharedPolicies(bare)...), "\n")
		if !strings.Contains(text, call) || bare && strings.Contains(text, "select ctx") {
			t.Errorf("bare %v: %s", bare, text)
		}
	}
	if gate := strings.Join(tenancy.Gate(false, "x", "y", [16]byte{}), ""); !strings.Contains(gate,
		"using (false) with check (false)") {
		t.Errorf("the template's gate: %s", gate)
	}
}

// volatile are functions that a distributed engine refuses in an update, because each node would have its own answer.
var volatile = regexp.MustCompile(
	`(?i)\b(random|clock_timestamp|gen_random_uuid|nextval|timeofday|statement_timestamp|uuid_generate_\w+)\s*\(`)

// unfit tells what of a queries file a distributed engine would refuse.
func unfit(text string) (found []string) {
	for _, statement := range strings.Split(text, "-- name: ")[1:] {
		name, body, _ := strings.Cut(statement, "\n")
		body = regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(body, "")
		if n := strings.Count(body, ";"); n != 1 {
			found = append(found, fmt.Sprintf("%s: %d statements in one", name, n))
		}
		if hit := volatile.FindString(body); hit != "" {
			found = append(found, name+": "+hit+"…) is answered differently by each node")
		}
		if regexp.MustCompile(`(?i)\b(listen|notify|lock\s+table|copy)\b`).MatchString(body) {
			found = append(found, name+": not for one tenant's schema")
		}
	}
	return found
}

func TestTenantsQueriesAreFitForADistributedEngine(t *testing.T) {
	files, err := filepath.Glob("../../queries/tenantdb/*.sql")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range unfit(string(raw)) {
			t.Errorf("%s: %s", filepath.Base(file), what)
		}
	}
	for _, bad := range []string{"-- name: A :exec\nupdate x set y = random();",
		"-- name: A :exec\ndelete from x; delete from y;",
		"-- name: A :exec\nwith a as (update x set y = Clock_Timestamp () returning 1) select 1;"} {
		if len(unfit(bad)) == 0 {
			t.Errorf("control: not noticed: %s", bad)
		}
	}
	steps, err := tenancy.Steps()
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		step = nameWords.ReplaceAllString(step, "")
		if found := undistributable.FindString(step); found != "" {
			t.Errorf("migration: %s", found)
		}
	}
}

// nameWords are the triggers of docs/decisions/0015.
var nameWords = regexp.MustCompile(`create trigger (keep|change|drop)_name_words `)

// undistributable is what the head of the tenant migrations forbids: what a distributed engine could not shard.
var undistributable = regexp.MustCompile(`(?i)\b(do \$|create trigger|create type|serial\b|generated .* identity)`)

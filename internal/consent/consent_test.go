package consent_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/consent"
	"kindward/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// A text that has been agreed to stays as it was: another text has a version, and a line, of its own.
func TestATextNeverChangesUnderItsVersion(t *testing.T) {
	texts := map[string]string{"share-2026-12": "25debdd31a55dfe8312682376d1a660a729ebaa75308e11c9d65bd03b1cfeba9",
		"share-2026-12-b": "5ff2fe762bc3cc9d0d77e141c82855bdc9f9f4911e0c1db85bcd76e11e318a4a",
		"share-2026-12-c": "38041aed59659257a2b44c463cbbaffb8c93d76e8a51f6c25b8ad2ea158445db"}
	all := consent.Shares("Fox Point")
	for _, one := range all {
		sum := sha256.Sum256([]byte(one.Text))
		if got := hex.EncodeToString(sum[:]); texts[one.Version] != got {
			t.Errorf("%s is %q now, hash %s", one.Version, one.Text, got)
		}
	}
	now := consent.Share("Fox Point")
	if len(all) != len(texts) || all[0] != now {
		t.Errorf("%d texts have been agreed to, the first %q", len(all), all[0].Version)
	}
	if now.Text != now.Label+". "+now.Detail || !strings.Contains(now.Label, "Fox Point") {
		t.Errorf("what is agreed to is not what stands beside the box: %q", now)
	}
	if other := consent.Share("Another"); other.Text == now.Text || other.Purpose != consent.PurposeShare {
		t.Errorf("another organization's: %q", other)
	}
}

func TestWhatABookingSharesHasAWordEach(t *testing.T) {
	var fields []string
	for _, s := range consent.SharedFields() {
		if fields = append(fields, s.Field); s.Words == "" {
			t.Errorf("%s has no words", s.Field)
		}
	}
	if want := []string{"name", "born", "phone", "email", "note", "payer", "address"}; !slices.Equal(fields, want) {
		t.Errorf("a booking shares %q", fields)
	}
}

// agrees gives an account a chart at a clinic and adds what it said last about sharing it.
func agrees(t *testing.T, c *pgtest.Clinic, account uuid.UUID, state string) {
	t.Helper()
	c.SQL(t, `insert into patient (id, account_id, name) values ($1, $2, 'Maya') on conflict (account_id) do nothing`,
		uuid.New(), account)
	text := consent.Share(c.Name)
	hash := sha256.Sum256([]byte(text.Text))
	c.SQL(t, `insert into consent (id, patient_id, purpose, version, text, text_hash, state, at)
		select $1, id, 'share', $2, $3, $4, $5, clock_timestamp() from patient where account_id = $6`,
		uuid.Must(uuid.NewV7()), text.Version, text.Text, hash[:], state, account)
}

func TestAConsentIsReadAndEndedOnceAndEachIsKeptInTheAudit(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	maya, other := c.DB.Account(t, "Maya"), c.DB.Account(t, "Leo")
	agrees(t, c, maya, consent.StateGranted)
	agrees(t, c, other, consent.StateGranted)
	lives := func(who uuid.UUID, said int) bool {
		t.Helper()
		given, err := consent.Read(t.Context(), c.DB.Gateway, c.Scope(who), who)
		if err != nil || len(given.Said) != said || given.Coming {
			t.Fatalf("%+v %v", given, err)
		}
		return given.Lives()
	}
	if !lives(maya, 1) {
		t.Error("what was agreed to does not live")
	}
	if err := consent.Withdraw(t.Context(), c.In(maya), maya, consent.AtOnce); err != nil {
		t.Fatal(err)
	}
	if lives(maya, 2) || !lives(other, 1) {
		t.Error("what was ended lives, or another's was ended")
	}
	if err := consent.Withdraw(t.Context(), c.In(maya), maya, consent.AtOnce); !errors.Is(err, consent.ErrEnded) {
		t.Errorf("ended twice: %v", err)
	}
	if err := consent.Withdraw(t.Context(), c.In(other), maya, consent.AtOnce); err == nil {
		t.Error("somebody else's was ended")
	}
	for action, want := range map[string]int64{"list": 2, "withdraw": 1} {
		if n := pgtest.Value[int64](t, c, `select count(*) from audit.event where tenant_id = $1 and patient = $2
			and actor = $2 and resource = 'Consent' and action = $3`, c.ID, maya, action); n != want {
			t.Errorf("%s stands %d times in the audit", action, n)
		}
	}
	agrees(t, c, maya, consent.StateGranted)
	if !lives(maya, 3) {
		t.Error("what was agreed to again does not live")
	}
}

// visits books a visit of an account that has a chart.
func visits(t *testing.T, c *pgtest.Clinic, account uuid.UUID, start time.Time) {
	t.Helper()
	c.SQL(t, `insert into appointment (id, ref, account_id, patient_id, holder, offering_id, resource_id, starts_at,
		ends_at, status) select $1, $2, $3, id, $1, $4, $5, $6, $6::timestamptz + interval '20 minutes', 'booked'
		from patient where account_id = $3`, uuid.New(), strings.ToUpper(uuid.NewString()[:8]), account, c.OfferingID,
		c.Resources[0], start)
}

// A consent that is to end after the visits lives as long as one is to come or going on, wherever that is moved to.
func TestAConsentEndsByItselfWhenTheLastVisitIsOver(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	maya := c.DB.Account(t, "Maya")
	says := func(when, want string) {
		t.Helper()
		g, err := consent.Read(t.Context(), c.DB.Gateway, c.Scope(maya), maya)
		is := map[bool]string{true: "stands", false: "is over"}[g.Stands()]
		if g.Ending() {
			is = "ends"
		}
		hidden := pgtest.Value[bool](t, c, `select exists (select 1 from ended_consent e join patient pt
			on pt.id = e.patient_id where pt.account_id = $1)`, maya)
		if err != nil || is != want || hidden != (want == "is over") || g.Lives() == hidden {
			t.Errorf("%s it %s, hidden: %v, not: it %s (%v)", when, is, hidden, want, err)
		}
	}
	withdraw := func() error { return consent.Withdraw(t.Context(), c.In(maya), maya, consent.AfterVisits) }
	resume := func() error { return consent.Resume(t.Context(), c.In(maya), maya) }
	agrees(t, c, maya, consent.StateGranted)
	visits(t, c, maya, time.Now().Add(time.Hour))
	says("before", "stands")
	if err := withdraw(); err != nil {
		t.Fatal(err)
	}
	says("while a visit is to come", "ends")
	for range 2 {
		if err := resume(); err != nil {
			t.Fatal(err)
		}
		says("when that is taken back", "stands")
	}
	if err := withdraw(); err != nil {
		t.Fatal(err)
	}
	if err := withdraw(); !errors.Is(err, consent.ErrEnded) {
		t.Errorf("ended twice: %v", err)
	}
	put := func(start string) {
		c.SQL(t, `update appointment set starts_at = now() + $1::interval, ends_at = now() + $1::interval +
			interval '20 minutes'`, start)
	}
	put("3 days")
	says("when the visit is moved", "ends")
	put("-10 minutes")
	says("while the visit goes on", "ends")
	put("-21 minutes")
	says("when the visit is over", "is over")
	put("3 days")
	c.SQL(t, `update appointment set status = 'cancelled', cancelled_by = 'patient', cancelled_why = 'time'`)
	says("when the visit is canceled", "is over")
	agrees(t, c, maya, consent.StateGranted)
	says("when they agree anew", "stands")
	if err := withdraw(); err != nil {
		t.Fatal(err)
	}
	says("without a visit", "is over")
	if err := resume(); !errors.Is(err, consent.ErrEnded) {
		t.Errorf("what is over is taken back: %v", err)
	}
	says("after that", "is over")
	if n := pgtest.Value[int64](t, c, `select count(*) from audit.event where patient = $1 and actor = $1
		and resource = 'Consent' and action = 'withdraw-after-visits'`, maya); n != 3 {
		t.Errorf("the audit has it %d times", n)
	}
}

func TestAConsentStaysWhileAVisitIsToComeAndWhereThereIsNone(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	maya := c.DB.Account(t, "Maya")
	if err := consent.Withdraw(t.Context(), c.In(maya), maya, consent.AtOnce); !errors.Is(err, consent.ErrNone) {
		t.Errorf("without a chart: %v", err)
	}
	if given, err := consent.Read(t.Context(), c.DB.Gateway, c.Scope(maya), maya); err != nil || given.Lives() {
		t.Errorf("without a chart: %+v %v", given, err)
	}
	agrees(t, c, maya, consent.StateExpired)
	if err := consent.Withdraw(t.Context(), c.In(maya), maya, consent.AtOnce); !errors.Is(err, consent.ErrEnded) {
		t.Errorf("one that has run out: %v", err)
	}
	agrees(t, c, maya, consent.StateGranted)
	visit := func(start time.Time) { visits(t, c, maya, start) }
	visit(time.Now().Add(-time.Hour))
	if given, err := consent.Read(t.Context(), c.DB.Gateway, c.Scope(maya), maya); err != nil || given.Coming {
		t.Errorf("a visit that is over is said to come: %v", err)
	}
	visit(time.Now().Add(time.Hour))
	if given, err := consent.Read(t.Context(), c.DB.Gateway, c.Scope(maya), maya); err != nil || !given.Coming {
		t.Errorf("a visit to come is not said: %v", err)
	}
	if err := consent.Withdraw(t.Context(), c.In(maya), maya, consent.AtOnce); !errors.Is(err, consent.ErrVisits) {
		t.Errorf("with a visit to come: %v", err)
	}
	if given, err := consent.Read(t.Context(), c.DB.Gateway, c.Scope(maya), maya); err != nil || !given.Lives() {
		t.Errorf("what was refused is ended: %v", err)
	}
}

func TestA55WhoeverTakesAnEndBackTwiceAtOnceIsToldTwiceThatItStands(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	maya := c.DB.Account(t, "Maya")
	agrees(t, c, maya, consent.StateGranted)
	visits(t, c, maya, time.Now().Add(time.Hour))
	if err := consent.Withdraw(t.Context(), c.In(maya), maya, consent.AfterVisits); err != nil {
		t.Fatal(err)
	}
	admin := c.DB.Connect(t, c.DB.AdminURL())
	hold, err := admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold.Exec(t.Context(), `select from `+c.Schema+`.patient for update`); err != nil {
		t.Fatal(err)
	}
	ends := make(chan error, 2)
	for range 2 {
		go func() { ends <- consent.Resume(t.Context(), c.In(maya), maya) }()
	}
	for waiting := 0; waiting < 2; { // both have read that it ends
		waiting = pgtest.One[int](t, c.DB, `select count(*) from pg_locks where not granted and database = (select oid
			from pg_database where datname = current_database()) or locktype = 'transactionid' and not granted`)
	}
	if err := hold.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
}

package identity

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// forgery is what SQL does, as whichever role, to let somebody in. The control is the same row with a MAC made by who
// has the secrets file: nothing else stands in the way.
type forgery struct {
	name, sql string
	shut      bool // it opens nothing before, as there is no row or it has ended
	opens     func() bool
	vouch     func() // makes the MAC of what the row says now
}

const forgedSaid = `level=ERROR msg="identity: a row was written or changed past the program and opens nothing" table=directory.`

func (h *harness) forge(t *testing.T, all ...forgery) {
	t.Helper()
	for _, f := range all {
		if f.opens() == f.shut {
			t.Fatalf("%s: before, it opens: %t", f.name, f.shut)
		}
		before := h.said.count(forgedSaid)
		h.Admin(t, f.sql)
		if f.opens() {
			t.Errorf("%s: it opens", f.name)
		}
		if h.said.count(forgedSaid) != before+1 {
			t.Errorf("%s: the log does not say so", f.name)
		}
		f.vouch()
		if !f.opens() {
			t.Errorf("control: %s, and with a MAC: it does not open", f.name)
		}
		if h.said.count(forgedSaid) != before+1 {
			t.Errorf("control: %s, and with a MAC: the log says more", f.name)
		}
	}
}

func TestA42NoSessionThatSQLHasWrittenOrChangedLetsAnybodyIn(t *testing.T) {
	h := open(t)
	store := &SessionStore{Gateway: h.Gateway, Keys: h.Keys, Now: h.now, Log: h.log}
	bob, maya := h.person(t, "Bob"), h.person(t, "Maya Okafor")
	dataOf := func(who Account) string { return `{"account":"` + who.ID.String() + `"}` }
	forged := func(name, sql string) forgery {
		token := uuid.NewString()
		f := forgery{name: name, sql: strings.ReplaceAll(sql, "TOKEN", "'"+token+"'"),
			shut: strings.HasPrefix(sql, "insert")}
		if !f.shut {
			err := store.CommitCtx(t.Context(), token, []byte(dataOf(bob)), h.now().Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(sql, "KNOWN") { // the browser's, of another's session
			token += " known"
			f.sql, f.shut = strings.ReplaceAll(f.sql, "KNOWN", "'"+token+"'"), true
		}
		f.opens = func() bool {
			_, found, err := store.FindCtx(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		f.vouch = func() {
			x := sessionFacts{token: token}
			if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select id, account_id, epoch, work, data, created_at,
				expires_at from directory.session where token = $1`, token).Scan(&x.id, &x.account, &x.epoch, &x.work, &x.data,
				&x.created, &x.expires); err != nil {
				t.Fatal(err)
			}
			h.Admin(t, `update directory.session set mac = $1 where token = $2`, x.mac(h.Keys), token)
		}
		return f
	}
	of := func(set string) string { return "update directory.session set " + set + " where token = TOKEN" }
	revoked := forged("begun again after its end", of("revoked_at = null"))
	_, token, _ := strings.Cut(revoked.sql, "token = '")
	if err := store.DeleteCtx(t.Context(), strings.TrimSuffix(token, "'")); err != nil {
		t.Fatal(err)
	}
	revoked.shut = true
	h.forge(t, revoked,
		forged("written", fmt.Sprintf(`insert into directory.session (token, account_id, data, expires_at)
			values (TOKEN, '%s', '%s', now() + interval '1 hour')`, maya.ID, dataOf(maya))),
		forged("written with the MAC of another", fmt.Sprintf(`insert into directory.session (token, account_id, data,
			expires_at, mac) select TOKEN, '%s', '%s', now() + interval '1 hour', mac from directory.session
			where account_id = '%s' and mac <> '' limit 1`, maya.ID, dataOf(maya), bob.ID)),
		forged("another's account", of(fmt.Sprintf("account_id = '%s', data = '%s'", maya.ID, dataOf(maya)))),
		forged("another's account beside the data", of(fmt.Sprintf("account_id = '%s'", maya.ID))),
		forged("more proved", of(`data = convert_to(left(convert_from(data, 'UTF8'), -1) || ',"factors":2}', 'UTF8')`)),
		forged("lives on", of("expires_at = expires_at + interval '1 year'")),
		forged("younger", of("created_at = created_at + interval '1 second'")),
		forged("no work done", of("work = not work")),
		forged("under a token that somebody knows", of("token = KNOWN")),
		forged("another row", of("id = gen_random_uuid()")),
		forged("nobody's", of("account_id = null")),
		forged("of a later epoch", fmt.Sprintf(
			"update directory.account set session_epoch = session_epoch + 1 where id = '%s'; %s", bob.ID,
			of("epoch = epoch + 1"))),
	)
}

func TestA42NoLinkThatSQLHasWrittenOrChangedGivesAPasswordOrAnAddress(t *testing.T) {
	h := open(t)
	bob, maya := h.person(t, "Bob"), h.person(t, "Maya Okafor")
	written := func() (token, hash string) {
		raw := sha256.Sum256([]byte(uuid.NewString()))
		sum := sha256.Sum256(raw[:])
		return base64.RawURLEncoding.EncodeToString(raw[:]), fmt.Sprintf(`'\x%x'`, sum)
	}
	hashOf := func(token string) []byte {
		hash, err := tokenHash(token)
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	reset := func(name, sql string) forgery {
		token, hash := written()
		if !strings.HasPrefix(sql, "insert") {
			token, _ = h.link(t, bob, "")
			hash = fmt.Sprintf(`'\x%x'`, hashOf(token))
		}
		return forgery{name: "reset: " + name, shut: strings.HasPrefix(sql, "insert"),
			sql: strings.ReplaceAll(sql, "HASH", hash),
			opens: func() bool {
				_, err := ResetPending(t.Context(), h.mail, token, h.now())
				return err == nil
			},
			vouch: func() {
				var account uuid.UUID
				var expires time.Time
				if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select account_id, expires_at
					from directory.password_reset where token_hash = $1`, hashOf(token)).Scan(&account,
					&expires); err != nil {
					t.Fatal(err)
				}
				h.Admin(t, `update directory.password_reset set mac = $1 where token_hash = $2`,
					h.Keys.MAC(resetPurpose, resetFacts(hashOf(token), account, expires)...), hashOf(token))
			}}
	}
	h.forge(t,
		reset("written", fmt.Sprintf(`insert into directory.password_reset (token_hash, account_id, expires_at)
			values (HASH, '%s', now() + interval '1 hour')`, maya.ID)),
		reset("another's account", fmt.Sprintf(`update directory.password_reset set account_id = '%s'
			where token_hash = HASH`, maya.ID)),
		reset("lives on", `update directory.password_reset set expires_at = expires_at + interval '1 hour'
			where token_hash = HASH`),
	)
	const theirs = "taken-over@example.test"
	change := func(name, sql string) forgery {
		token, hash := written()
		if !strings.HasPrefix(sql, "insert") {
			token = h.asks(t, maya, address())
			hash = fmt.Sprintf(`'\x%x'`, hashOf(token))
		}
		return forgery{name: "email change: " + name, shut: strings.HasPrefix(sql, "insert"),
			sql: strings.ReplaceAll(sql, "HASH", hash),
			opens: func() bool {
				_, err := EmailChangePending(t.Context(), h.mail, h.own(caller(), maya.ID), token, h.now())
				return err == nil
			},
			vouch: func() {
				var email string
				var expires time.Time
				if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select email, expires_at
					from directory.email_change where token_hash = $1`, hashOf(token)).Scan(&email, &expires); err != nil {
					t.Fatal(err)
				}
				h.Admin(t, `update directory.email_change set mac = $1 where token_hash = $2`,
					h.Keys.MAC(changePurpose, changeFacts(hashOf(token), maya.ID, email, expires)...), hashOf(token))
			}}
	}
	h.forge(t,
		change("written", fmt.Sprintf(`insert into directory.email_change (token_hash, account_id, email, expires_at)
			values (HASH, '%s', '%s', now() + interval '1 hour')`, maya.ID, theirs)),
		change("another address", `update directory.email_change set email = '`+theirs+`' where token_hash = HASH`),
		change("lives on", `update directory.email_change set expires_at = expires_at + interval '1 hour'
			where token_hash = HASH`),
	)
	// Somebody else's link, given to the account by SQL.
	token := h.asks(t, bob, address())
	h.Admin(t, `update directory.email_change set account_id = $1 where token_hash = $2`, maya.ID, hashOf(token))
	if _, err := EmailChangePending(t.Context(), h.mail, h.own(caller(), maya.ID), token, h.now()); !errors.Is(err,
		ErrRunOut) {
		t.Error("a link of another account:", err)
	}
	if _, _, err := UseEmailChange(t.Context(), h.mail, caller(), h.current(t, maya), token, h.now()); !errors.Is(err,
		ErrRunOut) {
		t.Error("a link of another account, used:", err)
	}
}

func TestA42NoAPIKeyThatSQLHasWrittenOrChangedReadsAnything(t *testing.T) {
	h := open(t)
	a, b := h.Clinic(t), h.Clinic(t)
	all, alice := APIKeys{Gateway: h.Gateway, Keys: h.Keys, Now: h.now, Log: h.log}, h.person(t, "Alice")
	owner(t, h.DB, a, alice.ID)
	forged := func(name, sql string, at tenancy.Scope) forgery {
		key, err := all.Create(t.Context(), a.Scope(alice.ID), NewKey{Name: uuid.NewString(),
			Scopes: []string{"slots.read"}, Life: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		id, secret, _ := readKey(key)
		if strings.HasPrefix(sql, "insert") {
			id = strings.Repeat("a", 12)
			key = writeKey(id, secret)
		}
		if strings.Contains(sql, "set hash") { // with a secret that only the attacker has
			secret = encode32(make([]byte, keySecret))
			key = writeKey(id, secret)
		}
		sql = strings.NewReplacer("ID", "'"+id+"'", "HASH", fmt.Sprintf(`'\x%x'`, keyHash(secret))).Replace(sql)
		return forgery{name: name, sql: sql,
			shut: strings.HasPrefix(sql, "insert") || strings.Contains(sql, "set hash") || at.Tenant() != a.ID,
			opens: func() bool {
				_, err := all.Find(t.Context(), at, key)
				if err != nil && !errors.Is(err, ErrNoKey) {
					t.Fatal(err)
				}
				return err == nil
			},
			vouch: func() { vouchForKey(t, h.DB, id) }}
	}
	atA, atB := a.Scope(uuid.Nil), b.Scope(uuid.Nil)
	h.forge(t,
		forged("written", fmt.Sprintf(`insert into directory.api_key (id, tenant_id, name, hash, scopes, created_by, created_at,
			expires_at, mac) values (ID, '%s', 'x', HASH, '{appointments.read}', '%s', now(), now() + interval '1 hour', '')`,
			b.ID, alice.ID), atB),
		forged("another organization's", fmt.Sprintf("update directory.api_key set tenant_id = '%s' where id = ID", b.ID),
			atB),
		forged("more to read", "update directory.api_key set scopes = '{slots.read,appointments.read}' where id = ID", atA),
		forged("lives on", "update directory.api_key set expires_at = expires_at + interval '1 year' where id = ID", atA),
		forged("with a secret of one's own", "update directory.api_key set hash = HASH where id = ID", atA),
	)
	revoked := forged("revoked, and not any more", "update directory.api_key set revoked_at = null where id = ID", atA)
	_, id, _ := strings.Cut(revoked.sql, "id = '")
	_, err := h.Gateway.Identity(a.Scope(alice.ID)).RevokeAPIKey(t.Context(), h.now(), strings.TrimSuffix(id, "'"))
	if err != nil {
		t.Fatal(err)
	}
	revoked.shut = true
	h.forge(t, revoked)
}

// vouchForKey makes the MAC of an API key as it is.
func vouchForKey(t *testing.T, db *pgtest.DB, id string) {
	t.Helper()
	var tenant uuid.UUID
	var hash []byte
	var scopes []string
	var expires time.Time
	if err := db.Connect(t, db.AdminURL()).QueryRow(t.Context(), `select tenant_id, hash, scopes, expires_at
		from directory.api_key where id = $1`, id).Scan(&tenant, &hash, &scopes, &expires); err != nil {
		t.Fatal(err)
	}
	db.Admin(t, `update directory.api_key set mac = $1 where id = $2`,
		db.Keys.MAC(keyPurpose, keyFacts(id, tenant, hash, scopes, expires)...), id)
}

func TestAPIKeysFromBeforeAreTakenOverOnce(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	a := db.Clinic(t)
	all := APIKeys{Gateway: db.Gateway, Keys: db.Keys, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	key, err := all.Create(t.Context(), a.Scope(owner(t, db, a, db.Account(t, "Alice"))), NewKey{Name: "Screen",
		Scopes: []string{"slots.read"}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	opens := func() bool {
		_, err := all.Find(t.Context(), a.Scope(uuid.Nil), key)
		return err == nil
	}
	admin := db.Connect(t, db.AdminURL())
	take := func(want int) {
		t.Helper()
		if n, err := VouchForAPIKeys(t.Context(), admin, db.Keys); err != nil || n != want {
			t.Errorf("%d keys were taken over, not %d: %v", n, want, err)
		}
	}
	db.Admin(t, `update directory.api_key set mac = null`)
	if opens() {
		t.Error("a key without a MAC opens")
	}
	take(1)
	if !opens() {
		t.Error("a key from before does not open")
	}
	db.Admin(t, `update directory.api_key set mac = ''`) // as SQL might, to have it vouched for later
	take(0)
	if opens() {
		t.Error("a key that came later was taken over as well")
	}
	_, err = admin.Exec(t.Context(), `update directory.api_key set mac = null`)
	if code := tenancy.Code(err); code != "23502" {
		t.Error("the column takes null still:", code)
	}
}

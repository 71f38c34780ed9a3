package identity

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// owner is somebody who owns a clinic, with the scope of what they do there.
func (h *harness) owner(t *testing.T, at *pgtest.Clinic) tenancy.Scope {
	t.Helper()
	who := h.person(t, "Alice")
	h.Admin(t, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, 'owner')`,
		uuid.New(), at.ID, who.ID)
	return at.Scope(who.ID)
}

func (h *harness) token(to string) string {
	l, _ := h.read(to)
	return l.Link[strings.LastIndexByte(l.Link, '/')+1:]
}

func TestA08OnlyTheOwnerOfTheAddressAccepts(t *testing.T) {
	h := open(t)
	a := h.Clinic(t)
	owner, victim, mallory := h.owner(t, a), h.person(t, "Maya"), h.person(t, "Mallory")
	if err := Invite(t.Context(), h.mail, h.limiter, owner, a.Tenant, uuid.New(), victim.Email, "manager",
		h.now()); err != nil {
		t.Fatal(err)
	}
	token := h.token(victim.Email)
	if l, _ := h.read(victim.Email); l.Kind != notify.KindInvitation ||
		!strings.HasPrefix(l.Link, "https://kindward.example/invitations/"+a.Slug+"/") {
		t.Errorf("%+v", l)
	}
	if _, err := AcceptInvitation(t.Context(), h.Gateway.Identity(a.Scope(mallory.ID)), token, h.now()); !errors.Is(err,
		ErrRunOut) {
		t.Error("Mallory:", err)
	}
	if _, err := AcceptInvitation(t.Context(), h.Gateway.Identity(a.Scope(uuid.Nil)), token, h.now()); !errors.Is(err,
		ErrRunOut) {
		t.Error("nobody:", err)
	}
	acting := h.Gateway.Admit(a.Tenant, tenancy.Caller{Subject: victim.ID, Actor: mallory.ID})
	if _, err := AcceptInvitation(t.Context(), h.Gateway.Identity(acting), token, h.now()); !errors.Is(err, ErrRunOut) {
		t.Error("somebody for them:", err)
	}
	// The control: without the comparison of the addresses the same statement lets Mallory in.
	if !h.accepts(t, a, mallory.ID, token, " and a.email = i.email") {
		t.Error("the control sees nothing: the test proves nothing")
	}
	if h.accepts(t, a, mallory.ID, token, "") {
		t.Error("the statement as it is lets Mallory in")
	}
	if role, err := AcceptInvitation(t.Context(), h.Gateway.Identity(a.Scope(victim.ID)), token, h.now()); err != nil ||
		role != "manager" {
		t.Error(role, err)
	}
}

// accepts runs AcceptInvitation without one of its conditions, behind the same gates, takes everything back and tells
// whether it let somebody in.
func (h *harness) accepts(t *testing.T, at *pgtest.Clinic, who uuid.UUID, token, without string) bool {
	t.Helper()
	raw, err := os.ReadFile("../../queries/shareddb/invitations.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, sql, found := strings.Cut(string(raw), "-- name: AcceptInvitation :one\n")
	sql, _, _ = strings.Cut(sql, "\n-- ")
	if !found || !strings.Contains(sql, without) {
		t.Fatal("no such statement or condition")
	}
	sql, _, _ = strings.Cut(sql, ";\n") // others may follow it
	sql = strings.Replace(sql, without, "", 1)
	sql = regexp.MustCompile(`sqlc\.arg\('now'\)`).ReplaceAllString(sql, "now()")
	sql = strings.NewReplacer("@token_hash", "$1", "@membership_id", "$2", "(select ctx.tenant())", "$3",
		"(select ctx.subject())", "$4", "ctx.behalf()", "null").Replace(sql)
	conn := h.Connect(t, h.AdminURL())
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	var role string
	err = tx.QueryRow(t.Context(), sql, InvitationHash(token), uuid.New(), at.ID, who).Scan(&role)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		t.Fatal(err)
	}
	return err == nil
}

func TestManyInvitationsAreTooMany(t *testing.T) {
	h := open(t)
	a := h.Clinic(t)
	owner := h.owner(t, a)
	for i := range invitationsTo.Attempts + 1 {
		err := Invite(t.Context(), h.mail, h.limiter, owner, a.Tenant, uuid.New(), "somebody@example.test", "billing",
			h.now())
		var many *TooManyError
		if i < invitationsTo.Attempts && err != nil || i == invitationsTo.Attempts && !errors.As(err, &many) {
			t.Error(i, err)
		}
	}
}

func TestAFormThatIsSentTwiceInvitesEachAddressOnceAndOtherErrorsAreTold(t *testing.T) {
	h := open(t)
	a := h.Clinic(t)
	owner, form := h.owner(t, a), uuid.New()
	invite := func(form uuid.UUID, email string) error {
		return Invite(t.Context(), h.mail, h.limiter, owner, a.Tenant, form, email, "billing", h.now())
	}
	count := func() int {
		return pgtest.One[int](t, h.DB, `select count(*) from directory.invitation where tenant_id = $1`, a.ID)
	}
	for n, email := range []string{"one@example.test", "one@example.test", "two@example.test"} {
		if err := invite(form, email); err != nil || count() != []int{1, 1, 2}[n] {
			t.Errorf("%s: %d are made, %v", email, count(), err)
		}
	}
	defer h.Admin(t, `drop index directory.unlucky`)
	h.Admin(t, `create unique index unlucky on directory.invitation (role) where tenant_id = '`+a.ID.String()+
		`' and email > 'two'`)
	if err := invite(uuid.New(), "unlucky@example.test"); tenancy.Code(err) != "23505" || count() != 2 {
		t.Errorf("another constraint counts as made: %d are, %v", count(), err)
	}
}

func TestAnInvitationReplacesOnlyWhatItsMakerMayRevokeAndSaysSo(t *testing.T) {
	h := open(t)
	a := h.Clinic(t)
	owner, manager, to := h.owner(t, a), h.person(t, "Manuel"), address()
	h.Admin(t, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, 'manager')`,
		uuid.New(), a.ID, manager.ID)
	invite := func(scope tenancy.Scope, role string) error {
		return Invite(t.Context(), h.mail, h.limiter, scope, a.Tenant, uuid.New(), to, role, h.now())
	}
	open := func() string {
		return pgtest.One[string](t, h.DB, `select coalesce(string_agg(role, ' '), '') from directory.invitation
			where tenant_id = $1 and email = $2 and accepted_at is null and revoked_at is null`, a.ID, to)
	}
	if err := invite(owner, "owner"); err != nil {
		t.Fatal(err)
	}
	if err := invite(a.Scope(manager.ID), "front_desk"); !errors.Is(err, ErrNotYours) || open() != "owner" {
		t.Errorf("a manager takes an owner's invitation back: %v, open: %s", err, open())
	}
	if err := invite(owner, "manager"); err != nil || open() != "manager" {
		t.Errorf("control: an owner's own: %v, open: %s", err, open())
	}
	if err := invite(a.Scope(manager.ID), "front_desk"); err != nil || open() != "front_desk" {
		t.Errorf("control: what a manager may revoke: %v, open: %s", err, open())
	}
	if n := pgtest.One[int](t, h.DB, `select count(*) from audit.event e join directory.invitation i on i.id = e.resource_id
		where i.email = $1 and e.action = 'revoke'`, to); n != 2 {
		t.Errorf("%d events of two that were replaced", n)
	}
}

func TestOfFourInvitationsOfOneAddressAtOnceOneIsOpen(t *testing.T) {
	h := open(t)
	a := h.Clinic(t)
	owner, to := h.owner(t, a), address()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := Invite(t.Context(), h.mail, h.limiter, owner, a.Tenant, uuid.New(), to, "manager", h.now()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := pgtest.One[int](t, h.DB, `select count(*) from directory.invitation where email = $1 and revoked_at is null`,
		to); n != 1 {
		t.Errorf("%d are open", n)
	}
}

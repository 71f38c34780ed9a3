package provisioning

import (
	"cmp"
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// TestA68NoTicketOfAnApplicantDecidesBesideTheLog writes past the state table what queues and lists read, and takes it
// back.
func TestA68NoTicketOfAnApplicantDecidesBesideTheLog(t *testing.T) {
	f := open(t)
	id, alice := f.submitted("clinic", "Harbor")
	rita := f.reviewer()
	version := int32(pgtest.One[int](t, f.DB, `select version from onboarding.application where tenant_id = $1`, id))
	document := pgtest.One[uuid.UUID](t, f.DB, `select id from onboarding.document where tenant_id = $1 limit 1`, id)
	type write = func(context.Context, *shareddb.Queries) error
	moved := func(status onboarding.Status, claimed *uuid.UUID) write {
		return func(ctx context.Context, q *shareddb.Queries) error {
			return q.MoveApplication(ctx, shareddb.MoveApplicationParams{Name: "Harbor", Status: string(status),
				Version: version + 1, ClaimedBy: claimed})
		}
	}
	said := func(state onboarding.DocumentState) write {
		return func(ctx context.Context, q *shareddb.Queries) error {
			return q.MoveDocument(ctx, string(state), document)
		}
	}
	try := func(who tenancy.Caller, do write) error {
		return f.Gateway.WithinShared(t.Context(), f.Gateway.AdmitApplicant(id, who), func(q *shareddb.Queries) error {
			return cmp.Or(do(t.Context(), q), errKilled)
		})
	}
	for what, do := range map[string]write{"approved": moved(onboarding.Approved, nil),
		"live": moved(onboarding.Live, nil), "rejected": moved(onboarding.Rejected, nil),
		"taken":               moved(onboarding.Submitted, &rita.Subject),
		"a document accepted": said(onboarding.DocumentAccepted), "a document scanned": said(onboarding.DocumentInfected)} {
		for _, who := range []tenancy.Caller{alice, {}} { // or of a guest
			if err := try(who, do); tenancy.Code(err) != "42501" {
				t.Errorf("%s, by an applicant: %v", what, err)
			}
		}
		if err := try(rita, do); !errors.Is(err, errKilled) {
			t.Errorf("control: %s, by the staff: %v", what, err)
		}
	}
	if err := try(alice, moved(onboarding.Withdrawn, nil)); !errors.Is(err, errKilled) {
		t.Errorf("control: withdrawn, by an applicant: %v", err)
	}
	f.Admin(t, `update onboarding.application set status = 'rejected', claimed_by = $2 where tenant_id = $1`, id,
		rita.Subject)
	for what, do := range map[string]write{"opened again": moved(onboarding.Open, &rita.Subject),
		"given back": moved(onboarding.Rejected, nil)} {
		if err := try(alice, do); tenancy.Code(err) != "42501" {
			t.Errorf("%s, by an applicant: %v", what, err)
		}
	}
	if err := try(alice, moved(onboarding.Rejected, &rita.Subject)); !errors.Is(err, errKilled) {
		t.Errorf("control: somebody who goes: %v", err)
	}
}

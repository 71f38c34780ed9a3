package tenancy

import (
	"bytes"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

func TestIDsGoToTheDatabaseAsTheyAre(t *testing.T) {
	m, id := pgtype.NewMap(), uuid.New()
	registerIDs(m)
	for name, value := range map[string]any{"an id": id, "one that may be null": &id} {
		raw, err := m.Encode(pgtype.UUIDOID, pgtype.BinaryFormatCode, value, nil)
		if err != nil || !bytes.Equal(raw, id[:]) {
			t.Errorf("%s: %x %v", name, raw, err)
		}
		n := testing.AllocsPerRun(100, func() {
			_, _ = m.Encode(pgtype.UUIDOID, pgtype.BinaryFormatCode, value, raw[:0])
		})
		if n > 3 {
			t.Errorf("%s: %v allocations: it goes by way of its text", name, n)
		}
	}
	if raw, err := m.Encode(pgtype.UUIDOID, pgtype.BinaryFormatCode, (*uuid.UUID)(nil), nil); raw != nil || err != nil {
		t.Errorf("null: %x %v", raw, err)
	}
	var back *uuid.UUID
	if err := m.Scan(pgtype.UUIDOID, pgtype.BinaryFormatCode, id[:], &back); err != nil || *back != id {
		t.Error(back, err)
	}
	if err := m.Scan(pgtype.UUIDOID, pgtype.BinaryFormatCode, nil, &back); err != nil || back != nil {
		t.Error(back, err)
	}
}

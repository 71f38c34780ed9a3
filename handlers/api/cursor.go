package api

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// cursor is the last row of an answer, by what rows are ordered by, so that it holds also when that one is gone. It
// opens nothing: what follows it is read with the rights of whoever asks.
type cursor struct {
	start time.Time // to the microsecond, as the database keeps it
	id    uuid.UUID
}

var cursorText = base64.RawURLEncoding.Strict()

// String is the cursor as it stands in addresses: 32 characters.
func (c cursor) String() string {
	return cursorText.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(c.start.UnixMicro())), c.id[:]...))
}

// parseCursor reads what String wrote. An instant beyond the years that days may be of is none.
func parseCursor(text string) (c cursor, ok bool) {
	raw, err := cursorText.DecodeString(text)
	if err != nil || len(raw) != 24 {
		return c, false
	}
	c.start = time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC()
	c.id = uuid.UUID(raw[8:])
	return c, c.start.Year() >= 1999 && c.start.Year() <= 2201
}

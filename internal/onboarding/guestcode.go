package onboarding

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// GuestCodeLife is how long a code is good at least that a guest signs with; at most it is twice as long.
const GuestCodeLife = 10 * time.Minute

const guestCodePurpose = "guest code"

// ToSign is what a guest's code is for: the text with a hash, signed after so many signatures. Once that is done the
// code is good for nothing.
type ToSign struct {
	Hash   string
	Before int
}

// Code is six digits that show that whoever types them reads the mailbox which a guest's link names. It follows from
// the link, from what is signed and from the time, so nothing is kept of it.
func (g GuestLinks) Code(application uuid.UUID, l GuestLink, what ToSign, at time.Time) string {
	window := at.Unix() / int64(GuestCodeLife/time.Second)
	sum := g.Keys.MAC(guestCodePurpose, application.String(), l.ID.String(), l.Email, what.Hash,
		strconv.Itoa(what.Before), strconv.FormatInt(window, 10))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(sum)%1_000_000)
}

// Proves tells whether somebody typed the code of now, or the one before it.
func (g GuestLinks) Proves(application uuid.UUID, l GuestLink, what ToSign, typed string, now time.Time) bool {
	typed = strings.Join(strings.Fields(typed), "")
	fits := 0
	for _, at := range []time.Time{now, now.Add(-GuestCodeLife)} {
		fits |= subtle.ConstantTimeCompare([]byte(g.Code(application, l, what, at)), []byte(typed))
	}
	return l.Email != "" && fits == 1
}

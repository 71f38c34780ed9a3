package kyc

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/civil"
	"kindward/internal/outside"
	"kindward/queries/relaydb"
)

// ExclusionsURL is where the list of the United States is published, anew each month.
const ExclusionsURL = "https://oig.hhs.gov/exclusions/downloadables/UPDATED.csv"

// Exclusions reads the list of exclusions and tells who is on it.
type Exclusions struct {
	URL     string
	Queries *relaydb.Queries
	Now     func() time.Time
}

const (
	listEvery = 7 * 24 * time.Hour  // it is looked at so often
	listLife  = 45 * 24 * time.Hour // and counts for so long: a month, and time to notice
	listTime  = 5 * time.Minute     // to fetch it
	listSize  = 64 << 20            // the list of today has a quarter of it
)

// Import replaces the list by the one that is published now, if it is time to look.
func (x *Exclusions) Import(ctx context.Context) error {
	last, err := x.Queries.ExclusionList(ctx)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	now := x.Now()
	if now.Sub(last.LookedAt) < listEvery {
		return nil
	}
	raw, err := x.fetch(ctx)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(raw)
	if bytes.Equal(hash[:], last.Hash) {
		return x.Queries.LookAtExclusionList(ctx, now, last.ID)
	}
	list, err := readExclusions(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	if n := len(list.Lines); n == 0 || n < int(last.Entries)/2 {
		return fmt.Errorf("%w: it has %d entries, and had %d", errFile, n, last.Entries)
	}
	list.Hash, list.At = hash[:], now
	return x.Queries.ReplaceExclusions(ctx, list)
}

func (x *Exclusions) fetch(ctx context.Context) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, x.URL, nil)
	if err != nil {
		return nil, err
	}
	response, err := outside.ClientFor(x.URL, listTime, listSize+1).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d", errFile, response.StatusCode)
	}
	raw, err := io.ReadAll(response.Body)
	if err == nil && len(raw) > listSize {
		err = fmt.Errorf("%w: it has more than %d bytes", errFile, listSize)
	}
	return raw, err
}

// Screened is whom the list is asked about: an organization and who is responsible for it.
type Screened struct {
	NPIs   []string
	Name   string // of the organization
	State  string // where it is
	Person string
	Born   civil.Date // the person's; the zero Date: not known
}

// Screen tells whether somebody is on the list. Its error is the database's.
func (x *Exclusions) Screen(ctx context.Context, s Screened) (Finding, error) {
	list, err := x.Queries.ExclusionList(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return Finding{Result: Error, Reason: "The list of exclusions has not been read yet."}, nil
	}
	if err != nil {
		return Finding{}, err
	}
	if x.Now().Sub(list.AsOf) > listLife {
		return Finding{Result: Stale, Reason: "The list of exclusions is too old to count."}, nil
	}
	found, err := x.Queries.FindExclusions(ctx, relaydb.FindExclusionsParams{Npis: s.NPIs, Persons: personKeys(s.Person),
		Businesses: businessKeys(s.Name), Most: mostNamesakes})
	if err != nil {
		return Finding{}, err
	}
	said := screened(s, found)
	said.Facts = map[string]string{"list": civil.DateOf(list.AsOf.In(time.UTC)).String(),
		"entries": strconv.Itoa(int(list.Entries)), "namesakes": strconv.Itoa(len(found))}
	return said, nil
}

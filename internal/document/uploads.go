package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
	"kindward/internal/onboarding"
	"kindward/internal/storage"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// A file arrives in parts of so many bytes, the last one of what is left. It may go on for so long after each.
const (
	PartSize   = 1 << 20
	UploadLife = 24 * time.Hour
)

// What an upload may meet.
var (
	ErrNoUpload   = errors.New("document: no such file is on its way")
	ErrNotNext    = errors.New("document: not the part that comes next")
	ErrUnfinished = errors.New("document: parts of the file are missing")
)

// Upload is a file that arrives part by part.
type Upload struct {
	ID               uuid.UUID
	By               uuid.UUID // whose it is: an account, or a guest's link
	Step, Kind, Name string
	Hash             string // SHA-256 that the whole is to have, hexadecimal
	Size, Received   int64
}

// Rest is how many bytes the next part has.
func (u Upload) Rest() int64 { return min(PartSize, u.Size-u.Received) }

const uploads = "uploads/"

func (u Upload) part(application uuid.UUID, offset int64) string {
	return fmt.Sprintf("%s%s/%s/%d", uploads, application, u.ID, offset/PartSize)
}

var sum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Begin says how much is there of a file that somebody sends, or in a RefusedError why it is none to be sent; else
// onboarding.ErrManyDocuments.
func (f Files) Begin(ctx context.Context, s tenancy.Scope, u Upload, now time.Time) (Upload, error) {
	u.Name = plainName(u.Name)
	if err := checkBefore(u.Name, u.Size); err != nil {
		return u, err
	}
	if !sum.MatchString(u.Hash) {
		return u, refused("The file has no SHA-256")
	}
	row, err := f.Gateway.Shared(s).BeginUpload(ctx, shareddb.BeginUploadParams{ID: uuid.New(), By: u.By, Step: u.Step,
		Kind: u.Kind, Name: u.Name, Size: u.Size, Hash: u.Hash, Now: now, EndsAt: now.Add(UploadLife),
		MostDocuments: onboarding.MostDocuments, MostBytes: onboarding.MostDocumentBytes})
	if tenancy.Code(err) == "KW447" {
		return u, onboarding.ErrManyDocuments
	}
	u.ID, u.Received = row.ID, row.Received
	return u, err
}

// Upload finds what somebody sends: ErrNoUpload if it has ended.
func (f Files) Upload(ctx context.Context, s tenancy.Scope, id, by uuid.UUID, now time.Time) (Upload, error) {
	row, err := f.Gateway.Shared(s).Upload(ctx, id, by, now)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNoUpload
	}
	return Upload{ID: row.ID, By: by, Step: row.Step, Kind: row.Kind, Name: row.Name, Hash: row.Hash, Size: row.Size,
		Received: row.Received}, err
}

// KeepPart keeps the next part of a file: first in the store, then it counts. Of two that come at once for the same
// place one is ErrNotNext.
func (f Files) KeepPart(ctx context.Context, s tenancy.Scope, u Upload, part []byte, now time.Time) (received int64,
	err error) {
	if int64(len(part)) != u.Rest() {
		return u.Received, ErrNotNext
	}
	if err := f.Store.Put(ctx, u.part(s.Tenant(), u.Received), part); err != nil {
		return u.Received, fmt.Errorf("%w: %w", ErrStore, err)
	}
	received, err = f.Gateway.Shared(s).AdvanceUpload(ctx, shareddb.AdvanceUploadParams{ID: u.ID, By: u.By, Now: now,
		Size: int64(len(part)), Received: u.Received, EndsAt: now.Add(UploadLife)})
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotNext
	}
	return received, err
}

// Arrived is the content of a file of which all parts are there: ErrUnfinished until then. One that is not what was to
// be sent is a RefusedError.
func (f Files) Arrived(ctx context.Context, s tenancy.Scope, u Upload) ([]byte, error) {
	if u.Received != u.Size {
		return nil, ErrUnfinished
	}
	whole := bytes.NewBuffer(make([]byte, 0, u.Size))
	for offset := int64(0); offset < u.Size; offset += PartSize {
		part, err := f.Store.Get(ctx, u.part(s.Tenant(), offset))
		if errors.Is(err, storage.ErrNotFound) || errors.Is(err, keys.ErrSealed) && !errors.Is(err, keys.ErrKeyGone) {
			return nil, refused("The file cannot be read any more. Choose it again")
		}
		if err != nil {
			return nil, err
		}
		whole.Write(part)
	}
	if is := sha256.Sum256(whole.Bytes()); hex.EncodeToString(is[:]) != u.Hash {
		return nil, refused("The file changed on its way. Choose it again")
	}
	return whole.Bytes(), nil
}

// End lets a file on its way go, with its parts.
func (f Files) End(ctx context.Context, s tenancy.Scope, u Upload) error {
	if u.ID == uuid.Nil {
		return nil
	}
	_, err := f.Gateway.Shared(s).EndUpload(ctx, u.ID, u.By)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	f.Forget(ctx, s, u)
	return nil
}

// Forget deletes the parts of a file that is on its way no more. What stays is swept.
func (f Files) Forget(ctx context.Context, s tenancy.Scope, u Upload) {
	for offset := int64(0); offset < u.Size; offset += PartSize {
		_ = f.Store.Delete(ctx, u.part(s.Tenant(), offset))
	}
}

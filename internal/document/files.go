package document

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"kindward/internal/onboarding"
	"kindward/internal/storage"
	"kindward/internal/tenancy"
)

// Files are the documents of applications.
type Files struct {
	Store   storage.Store
	Gateway *tenancy.Gateway
}

const prefix = "documents/"

func key(application, document uuid.UUID) string {
	return prefix + application.String() + "/" + document.String()
}

// ErrStore means that a file is not kept, because the store did not take it. Nothing refers to it.
var ErrStore = errors.New("document: the store did not take it")

// Keep puts a file into the store and then says that the scope's application has it, as a document of a kind: nothing
// refers to what is not there. What nothing refers to in the end is swept. An upload that has become it ends. Else
// ErrStore, or what onboarding.Act says.
func (f Files) Keep(ctx context.Context, s tenancy.Scope, e onboarding.Event, file File, kind, expires string) error {
	if file.ID == uuid.Nil {
		file.ID = uuid.New()
	}
	doc := &onboarding.Document{ID: file.ID, Kind: kind, Name: file.Name, Type: file.Type, Expires: expires,
		Size: int64(len(file.Content)), Pages: file.Pages, Hash: file.Hash()}
	if err := f.Put(ctx, s.Tenant(), doc.ID, file.Content); err != nil {
		return err
	}
	e.Kind, e.Data.Document = onboarding.Uploaded, doc
	_, _, err := onboarding.Act(ctx, f.Gateway, s, e)
	for _, refusal := range []error{onboarding.ErrManyDocuments, onboarding.ErrNotNow, onboarding.ErrNoStep,
		onboarding.ErrTooOften} {
		if errors.Is(err, refusal) {
			return errors.Join(err, f.Store.Delete(ctx, key(s.Tenant(), doc.ID)))
		}
	}
	return err
}

// Put writes the object of a document.
func (f Files) Put(ctx context.Context, application, document uuid.UUID, content []byte) error {
	if err := f.Store.Put(ctx, key(application, document), content); err != nil {
		return fmt.Errorf("%w: %w", ErrStore, err)
	}
	return nil
}

// Content is the file of a document.
func (f Files) Content(ctx context.Context, application, document uuid.UUID) ([]byte, error) {
	return f.Store.Get(ctx, key(application, document))
}

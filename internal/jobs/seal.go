package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/google/uuid"
	"github.com/riverqueue/river/rivertype"

	"kindward/internal/tenancy"
)

// errRefused means that a job is not what its scope was minted for: changed, stripped, moved to another organization,
// or too old.
var errRefused = errors.New("the job was refused")

// sealed are a job's arguments with a scope's token among them.
type sealed interface {
	Kind() string
	unsealed() (bare any, token string) // the arguments without the token, and the token
	organization() uuid.UUID
}

// bind is what the token of these arguments is good for: this kind with exactly these arguments.
func bind(a sealed) string {
	bare, _ := a.unsealed()
	text, err := json.Marshal(bare)
	if err != nil {
		panic(err) // plain values only
	}
	return a.Kind() + " " + string(text)
}

// open gives the scope of a job, if every byte of it is as it was when it was enqueued (A39).
func open(gateway *tenancy.Gateway, row *rivertype.JobRow, a sealed) (tenancy.Scope, error) {
	if row.Kind != a.Kind() || !same(row.EncodedArgs, a) {
		return tenancy.Scope{}, fmt.Errorf("%w: other arguments", errRefused)
	}
	_, token := a.unsealed()
	scope, err := gateway.Verify(token, tenancy.Job, bind(a))
	if err != nil {
		return tenancy.Scope{}, fmt.Errorf("%w: %w", errRefused, err)
	}
	if scope.Tenant() != a.organization() {
		return tenancy.Scope{}, fmt.Errorf("%w: the scope of another organization", errRefused)
	}
	return scope, nil
}

// same tells whether the stored arguments are what was read from them: decoding overlooks unknown and oddly spelled
// names.
func same(stored []byte, a sealed) bool {
	again, err := json.Marshal(a)
	if err != nil {
		return false
	}
	var x, y map[string]any
	return json.Unmarshal(stored, &x) == nil && json.Unmarshal(again, &y) == nil && reflect.DeepEqual(x, y)
}

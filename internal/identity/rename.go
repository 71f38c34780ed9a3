package identity

import (
	"context"

	"kindward/queries/shareddb"
)

// RenamesInDay and RenamesInYear are how often whoever works or worked somewhere may change their name. All that they
// were called is read wherever a log names them: so there is never much of it.
const (
	RenamesInDay  = 3
	RenamesInYear = 10
)

// UpdateProfile keeps what an account tells of itself. ErrRenamed: they have changed their name too often.
func UpdateProfile(ctx context.Context, q *shareddb.Queries, row shareddb.UpdateProfileParams) error {
	row.MostInDay, row.MostInYear = RenamesInDay, RenamesInYear
	_, err := q.UpdateProfile(ctx, row)
	return refused(err)
}

package role

// MayGrant tells whether somebody with one role at an organization may give or take another there, an invitation to it
// included: owners every role, managers every role but owner, others none. Statements ask directory.may_grant, which a
// test holds to this.
func MayGrant(granter, role string) bool {
	return granter == Owner || granter == Manager && role != Owner
}

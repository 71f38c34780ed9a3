package tenancy

// Kinds of staff access as directory.staff_access keeps them: seeing the site as a person, and opening one
// organization's records.
const (
	Impersonation   = "impersonation"
	EmergencyAccess = "emergency"
)

// StaffAccessKinds are all of them; the schema's CHECK constraint is held to this list by a test.
func StaffAccessKinds() []string { return []string{Impersonation, EmergencyAccess} }

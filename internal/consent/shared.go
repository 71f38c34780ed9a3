package consent

// Shared is something that a booking gives to the organization: as the audit calls it, and in words.
type Shared struct{ Field, Words string }

// SharedFields are all that a booking gives of a person to the organization. What is told to people about it and what
// the audit keeps of it are made from this list, and a test holds it to what booking writes.
func SharedFields() []Shared {
	return []Shared{{"name", "your name"}, {"born", "your date of birth"}, {"phone", "your phone number"},
		{"email", "your email address"}, {"note", "your note"}, {"payer", "the way you pay"},
		{"address", "for a visit at home where that is and how to get in"}}
}

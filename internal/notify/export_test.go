package notify

// Entries is the table of what can be queued, for tests to hold themselves to it.
var Entries = entries

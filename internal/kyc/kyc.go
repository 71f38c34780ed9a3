// Package kyc asks whether those who want to join are who they say, and may do what they offer (know your customer):
// an adapter for each source outside, and what its answers mean. It knows nothing of applications.
package kyc

// Result is what a check came to. Only Pass passes.
type Result string

// The results.
const (
	Pass    Result = "PASS"
	Fail    Result = "FAIL"
	Error   Result = "ERROR"   // no answer, or none that can be understood: it is asked again
	Stale   Result = "STALE"   // an answer that is too old to count: it is asked again
	Review  Result = "REVIEW"  // somebody has to look at it
	Pending Result = "PENDING" // it goes on outside
)

// Finding is what a source said, and what follows.
type Finding struct {
	Result Result
	Reason string            // a sentence
	Facts  map[string]string // evidence
}

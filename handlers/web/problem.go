package web

import (
	"encoding/json"
	"net/http"
)

const problemJSON = "application/problem+json"

// Problem is an error as API clients read it (RFC 9457).
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail,omitempty"`
	Instance string         `json:"instance"` // the request's reference
	Errors   []ProblemField `json:"errors,omitempty"`
}

// ProblemField is what is wrong with one parameter.
type ProblemField struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func problem(code int, reference string) []byte {
	p := Problem{Type: "about:blank", Title: http.StatusText(code), Status: code, Instance: reference}
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err) // plain values only
	}
	return append(raw, '\n')
}

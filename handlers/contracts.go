package handlers

import (
	"net/http"

	"kindward/internal/policy"
)

// contracts are the lines of the table about the contract of an application.
func contracts(p Pages) []Route {
	return []Route{
		{http.MethodPost, "/join/:application/signature", "create signature", p.Join.CreateSignature,
			policy.SignApplication, action},
		{http.MethodGet, "/join/:application/contract.pdf", "contract", p.Join.ShowContract, policy.ReadApplication, action},
		{http.MethodGet, "/ops/onboarding/:application/contract.pdf", "application contract", p.Ops.ShowApplicationContract,
			policy.ReadOnboarding, action},
	}
}

package handlers

import (
	"net/http"

	"kindward/internal/policy"
)

// contracts are the lines of the table about contracts.
func contracts(p Pages) []Route {
	return []Route{
		{http.MethodPost, "/join/:application/signature", "create signature", p.Join.CreateSignature,
			policy.SignApplication, action},
		{http.MethodPost, "/join/:application/guest/:token/code", "create guest code", p.Join.CreateGuestCode, policy.Anyone,
			action},
		{http.MethodPost, "/join/:application/guest/:token/signature", "create guest signature",
			p.Join.CreateGuestSignature, policy.Anyone, action},
		{http.MethodGet, "/join/:application/contract.pdf", "contract", p.Join.ShowContract, policy.ReadApplication, action},
		{http.MethodGet, "/ops/onboarding/:application/contract.pdf", "application contract", p.Ops.ShowApplicationContract,
			policy.ReadOnboarding, action},
		{http.MethodGet, "/ops/contracts", "contracts to sign", p.Ops.ListContracts, policy.ReadOnboarding, page},
		{http.MethodGet, "/organizations/:place/contract", "organization contract", p.Provider.ShowContract,
			policy.ReadContract, page},
		{http.MethodPost, "/organizations/:place/contract/signature", "sign contract", p.Provider.SignContract,
			policy.SignContract, action},
		{http.MethodGet, "/organizations/:place/contract.pdf", "organization contract file", p.Provider.SendContract,
			policy.ReadContract, page},
	}
}

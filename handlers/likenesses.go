package handlers

import (
	"net/http"

	"kindward/handlers/ops"
	"kindward/internal/policy"
)

// likenesses are the lines of the table about others that are like an application, and about what all are asked.
func likenesses(h *ops.Handlers) []Route {
	const one = "/ops/onboarding/:application"
	return []Route{
		{http.MethodGet, "/ops/onboarding/definitions", "definition", h.ShowDefinition, policy.ReadOnboarding, page},
		{http.MethodPost, one + "/distinction", "create distinction", h.CreateDistinction, policy.ChangeOnboarding, action},
		{http.MethodPost, one + "/duplicate", "create duplicate", h.CreateDuplicate, policy.ChangeOnboarding, action},
	}
}

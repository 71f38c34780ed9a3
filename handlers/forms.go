package handlers

import (
	"net/http"

	"kindward/handlers/ops"
	"kindward/internal/policy"
)

// formEditor are the pages on which the staff write what people are asked.
func formEditor(o *ops.Handlers) []Route {
	get, post, write := http.MethodGet, http.MethodPost, policy.ChangeForms
	return []Route{
		{get, "/ops/forms", "forms", o.ListForms, policy.ReadForms, page},
		{get, "/ops/forms/intake", "intake form", o.ShowIntakeForm, policy.ReadForms, page},
		{get, "/ops/forms/intake/versions/:version", "intake version", o.ShowIntakeVersion, policy.ReadForms, page},
		{get, "/ops/forms/intake/text", "intake text", o.NewIntakeText, write, page},
		{post, "/ops/forms/intake/text", "create intake text", o.CreateIntakeText, write, action},
		{get, "/ops/forms/intake/question", "intake question", o.NewIntakeQuestion, write, page},
		{post, "/ops/forms/intake/question", "create intake question", o.CreateIntakeQuestion, write, action},
		{post, "/ops/forms/intake/question/move", "move intake question", o.MoveIntakeQuestion, write, action},
		{post, "/ops/forms/intake/question/removal", "remove intake question", o.RemoveIntakeQuestion, write, action},
		{get, "/ops/forms/intake/preview", "intake preview", o.ShowIntakePreview, policy.ReadForms, page},
		{post, "/ops/forms/intake/preview", "try intake", o.TryIntake, policy.ReadForms, action},
		{post, "/ops/forms/intake/cases", "create intake case", o.CreateIntakeCase, write, action},
		{post, "/ops/forms/intake/publication", "publish intake", o.PublishIntake, policy.PublishForms, action},
		{post, "/ops/forms/intake/discard", "discard intake draft", o.DiscardIntakeDraft, write, action},
	}
}

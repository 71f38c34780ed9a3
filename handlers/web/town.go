package web

import (
	"kindward/internal/search"
	"kindward/views/ui"
)

// Town is the town of a field as it is to be kept beside the ZIP of the form. One that is in doubt is wrong, unless it
// may be right and whoever typed it has said so of this town and this ZIP.
func (f *Form) Town(field string, check search.TownCheck) string {
	typed := ui.KeepTown{Town: f.Raw(field), ZIP: f.Raw("zip"), Kept: f.Raw("keep-town")}
	if check.Problem != "" && !(check.MayKeep && typed.Ticked()) {
		f.Wrong(field, check.Problem)
	}
	return check.Town
}

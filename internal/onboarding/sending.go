package onboarding

import "slices"

// Change is an answer that is not any more what somebody saw.
type Change struct {
	Field, Was, Now string
	Answer          // that made it so
}

// ChangedError names what changed between what whoever sends an application saw and what they would send.
type ChangedError struct{ Fields []Change }

func (e *ChangedError) Error() string { return ErrConflict.Error() }

// Unwrap makes it an ErrConflict.
func (e *ChangedError) Unwrap() error { return ErrConflict }

// Sends tells whether a step is the applicant's last one, by which all is sent.
func (d *Definition) Sends(s *Step) bool { return s.Key == d.sending() }

// sending is the applicant's last step, after which the staff look at it.
func (d *Definition) sending() (key string) {
	for _, s := range d.Steps {
		if s.By == Applicant {
			key = s.Key
		}
	}
	return key
}

// seen refuses to send answers that are not those of a version. Logs of before do not say which one that was.
func (a *Application) seen(d *Definition, s *Step, version int) error {
	if version == 0 || !d.Sends(s) {
		return nil
	}
	then := map[string]string{}
	for field := range a.Answers {
		then[field] = a.At(field, version)
	}
	was, now := d.Applied(then), d.Applied(a.Current())
	var changes []Change
	for field := range d.fields {
		if was[field] != now[field] && place(d, field) < place(d, s.Fields[0].Key) {
			changes = append(changes, Change{field, was[field], now[field], a.last(field, a.Version)})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	slices.SortFunc(changes, func(x, y Change) int { return place(d, x.Field) - place(d, y.Field) })
	return &ChangedError{changes}
}

// Words are an answer for people to read.
func (f *Field) Words(value string) string {
	switch {
	case value == "":
		return "Not answered"
	case f.Type == YesNo && value == "yes":
		return "Yes"
	case f.Type == YesNo && value == "no":
		return "No"
	}
	for _, o := range f.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

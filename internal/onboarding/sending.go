package onboarding

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
	for _, field := range d.form.Keys() {
		if was[field] != now[field] && d.form.Place(field) < d.form.Place(s.Fields[0].Key) {
			changes = append(changes, Change{field, was[field], now[field], a.last(field, a.Version)})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return &ChangedError{changes}
}

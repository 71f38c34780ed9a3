package intake

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"kindward/internal/civil"
	"kindward/internal/form"
)

// How much a definition may hold.
const (
	LongestText = 20_000 // characters
	mostFields  = 150
	mostCases   = 100
)

// Read makes a definition of a text, or says all that is wrong with it.
func Read(text string) (*Definition, error) {
	var file struct {
		Sections []*form.Section
		Cases    []form.Case
	}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	if err := bounds(file.Sections, len(file.Cases)); err != nil {
		return nil, err
	}
	f, err := form.Compile(facts, file.Sections...)
	if err = errors.Join(err, asksSecrets(file.Sections)); err != nil {
		return nil, err
	}
	return &Definition{Text: text, Form: f, Cases: file.Cases}, nil
}

func bounds(sections []*form.Section, cases int) error {
	fields := 0
	for i, s := range sections {
		switch {
		case s == nil || s.Key == "" || s.Name == "":
			return fmt.Errorf("section %d has no key or no name", i+1)
		case len(s.Fields) == 0:
			return &form.Error{Section: s.Key, Err: errors.New("it asks nothing")}
		}
		fields += len(s.Fields)
	}
	switch {
	case fields == 0:
		return errors.New("it asks nothing")
	case fields > mostFields:
		return fmt.Errorf("it has more than %d questions", mostFields)
	case cases > mostCases:
		return fmt.Errorf("it has more than %d test cases", mostCases)
	}
	return nil
}

// secret are words for what nobody may be asked in a form: it is neither kept nor shown as such secrets are.
var secret = regexp.MustCompile(`(?i)\b(card|account|routing) ?(number|no\b)|\b(credit|debit) card|\b(cvv|cvc|iban)\b|` +
	`\bsecurity code|pass ?(word|code)|\b(pin|ssn)\b|social security`)

// asksSecrets refuses questions for cards, accounts, passwords and social security numbers.
func asksSecrets(sections []*form.Section) error {
	var wrong []error
	for _, s := range sections {
		for _, f := range s.Fields {
			if found := secret.FindString(plain(asked(s, &f))); found != "" {
				wrong = append(wrong, &form.Error{Section: s.Key, Field: f.Key,
					Err: fmt.Errorf("nobody is asked for a %q in a form", strings.ToLower(found))})
			}
		}
	}
	return errors.Join(wrong...)
}

// asked is all that whoever answers a question reads of it, and its key.
func asked(s *form.Section, f *form.Field) string {
	all := []string{strings.ReplaceAll(f.Key, "_", " "), s.Name, f.Label, f.Help, f.Unit, f.Example, f.Wrong}
	for _, o := range f.Options {
		all = append(all, o.Label, o.Small)
	}
	return strings.Join(all, "\n")
}

// plain is a text in plain letters: without marks that nobody sees, and with one for each that looks wider or bolder.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s))
}

// Failing are the test cases that are not as they say, with what is otherwise, by their names.
func (d *Definition) Failing(day civil.Date) map[string]string {
	failing := map[string]string{}
	for _, c := range d.Cases {
		if why := d.Form.Fails(c, day); why != "" {
			failing[c.Name] = why
		}
	}
	return failing
}

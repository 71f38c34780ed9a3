package form

import (
	"fmt"
	"slices"
	"strings"

	"kindward/internal/civil"
)

// Case is a test of a form: what is asked with some facts and answers.
type Case struct {
	Name    string
	Facts   map[string]string
	Answers map[string]string
	Asked   []string // the questions, in their order
	Missing []string // those of them that need an answer still; the first comes next
}

// Try is the case with what the form asks now.
func (f *Form) Try(c Case, day civil.Date) Case {
	here := f.With(c.Facts)
	c.Asked, c.Missing = []string{}, []string{}
	asked := here.Asked(c.Answers)
	wrong := here.Read(asked, c.Answers, day).Wrong
	for _, field := range asked {
		c.Asked = append(c.Asked, field.Key)
		if wrong[field.Key] != "" {
			c.Missing = append(c.Missing, field.Key)
		}
	}
	return c
}

// Fails says in which way a case is not as it says, or "".
func (f *Form) Fails(c Case, day civil.Date) string {
	for _, given := range []map[string]string{c.Facts, c.Answers} {
		for name := range given {
			if _, fact := f.facts[name]; !fact && f.fields[name] == nil {
				return fmt.Sprintf("there is no %q", name)
			}
		}
	}
	for name, values := range f.facts {
		if given := c.Facts[name]; !slices.Contains(values, given) {
			return fmt.Sprintf("%q is none of the values of %s: %s", given, name, strings.Join(values, ", "))
		}
	}
	is := f.Try(c, day)
	switch {
	case !slices.Equal(is.Asked, c.Asked):
		return "it asks " + list(is.Asked) + ", not " + list(c.Asked)
	case !slices.Equal(is.Missing, c.Missing):
		return "an answer is missing to " + list(is.Missing) + ", not to " + list(c.Missing)
	}
	return ""
}

func list(keys []string) string {
	if len(keys) == 0 {
		return "nothing"
	}
	return strings.Join(keys, " ")
}

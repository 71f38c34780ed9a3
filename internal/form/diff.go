package form

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Change is one difference between two versions of a form.
type Change struct{ Where, Says string }

// Diff is what is otherwise after than it was before, in the order of the form after; what is gone comes last.
func Diff(before, after []*Section) (all []Change) {
	add := func(where, says string) { all = append(all, Change{where, says}) }
	was, is := places(before), places(after)
	for _, s := range after {
		old := sectionOf(before, s.Key)
		if old == nil {
			add(s.Key, "new section: "+s.Name)
		} else {
			for _, says := range changed([]part{{"name", old.Name, s.Name}, {"condition", old.When, s.When}}) {
				add(s.Key, says)
			}
			if order(old, is) != order(s, was) {
				add(s.Key, "other order: "+strings.TrimSpace(order(s, was)))
			}
		}
		for _, f := range s.Fields {
			there, known := was[f.Key]
			if !known {
				add(s.Key+"."+f.Key, "new question: "+f.Label)
				continue
			}
			if there.section != s.Key {
				add(s.Key+"."+f.Key, "was in "+there.section)
			}
			for _, says := range f.changed(there.field) {
				add(s.Key+"."+f.Key, says)
			}
		}
	}
	for _, s := range before {
		for _, f := range s.Fields {
			if _, there := is[f.Key]; !there {
				add(s.Key+"."+f.Key, "gone: "+f.Label)
			}
		}
		if sectionOf(after, s.Key) == nil {
			add(s.Key, "gone: "+s.Name)
		}
	}
	if a, b := sectionOrder(before, after), sectionOrder(after, before); a != b {
		add("", "other order of sections: "+strings.TrimSpace(b))
	}
	return all
}

type place struct {
	section string
	field   *Field
}

func places(sections []*Section) map[string]place {
	all := map[string]place{}
	for _, s := range sections {
		for i := range s.Fields {
			all[s.Fields[i].Key] = place{s.Key, &s.Fields[i]}
		}
	}
	return all
}

func sectionOf(sections []*Section, key string) *Section {
	at := slices.IndexFunc(sections, func(s *Section) bool { return s.Key == key })
	if at < 0 {
		return nil
	}
	return sections[at]
}

// order are the questions of a section that the other version has there too.
func order(s *Section, other map[string]place) (keys string) {
	for _, f := range s.Fields {
		if p, ok := other[f.Key]; ok && p.section == s.Key {
			keys += " " + f.Key
		}
	}
	return keys
}

// sectionOrder are the sections that the other version has too.
func sectionOrder(sections, other []*Section) (keys string) {
	for _, s := range sections {
		if sectionOf(other, s.Key) != nil {
			keys += " " + s.Key
		}
	}
	return keys
}

type part struct{ name, was, is string }

func changed(parts []part) (all []string) {
	for _, p := range parts {
		switch {
		case p.was == p.is:
		case p.was == "":
			all = append(all, fmt.Sprintf("%s: “%s”", p.name, p.is))
		case p.is == "":
			all = append(all, fmt.Sprintf("no %s any more, it was “%s”", p.name, p.was))
		default:
			all = append(all, fmt.Sprintf("%s: “%s”, it was “%s”", p.name, p.is, p.was))
		}
	}
	return all
}

func (f *Field) changed(was *Field) []string {
	parts := []part{{"label", was.Label, f.Label}, {"help", was.Help, f.Help}, {"type", string(was.Type), string(f.Type)},
		{"unit", was.Unit, f.Unit}, {"condition", was.When, f.When}, {"pattern", was.Pattern, f.Pattern},
		{"example", was.Example, f.Example}, {"what is said of wrong answers", was.Wrong, f.Wrong},
		{"choices", OptionLines(was.Options), OptionLines(f.Options)}, {"source", was.Source, f.Source},
		{"register's fact", was.Fill, f.Fill}, {"what browsers fill in", was.Autocomplete, f.Autocomplete}}
	if f.Least != was.Least {
		parts = append(parts, part{"least number", strconv.Itoa(was.Least), strconv.Itoa(f.Least)})
	}
	all := changed(parts)
	switch {
	case f.Optional && !was.Optional:
		all = append(all, "may be left out now")
	case was.Optional && !f.Optional:
		all = append(all, "needed now")
	}
	return all
}

// OptionLines are choices as people write them, one on a line: "value: Label | a smaller line".
func OptionLines(options []Option) string {
	lines := make([]string, len(options))
	for i, o := range options {
		lines[i] = o.Value + ": " + o.Label
		if o.Small != "" {
			lines[i] += " | " + o.Small
		}
	}
	return strings.Join(lines, "\n")
}

// ReadOptions are choices that somebody wrote so; ok is false where a line has no value or no label.
func ReadOptions(lines string) (all []Option, ok bool) {
	for line := range strings.Lines(lines) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		value, rest, found := strings.Cut(line, ":")
		label, small, _ := strings.Cut(rest, "|")
		o := Option{Value: strings.TrimSpace(value), Label: strings.TrimSpace(label), Small: strings.TrimSpace(small)}
		if !found || o.Value == "" || o.Label == "" {
			return nil, false
		}
		all = append(all, o)
	}
	return all, true
}

package form

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is a form as its YAML, of which single questions are changed: whatever else stands there, remarks too, stays.
type File struct{ root *yaml.Node }

// ErrNoSection means that a file has no such section.
var ErrNoSection = errors.New("form: there is no such section")

// ErrNoField means that a file has no such question.
var ErrNoField = errors.New("form: there is no such question")

// ReadFile reads the YAML of a form.
func ReadFile(text string) (*File, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("it is no list of sections")
	}
	return &File{root: &doc}, nil
}

// Text is the YAML as it is now.
func (f *File) Text() (string, error) {
	var text strings.Builder
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	err := encoder.Encode(f.root)
	return text.String(), err
}

// Line is where a question stands, or its section without one; 0: nowhere.
func (f *File) Line(section, field string) int {
	s := f.section(section)
	if s == nil {
		return 0
	}
	if fields := value(s, "fields"); fields != nil {
		if at := find(fields, field); at >= 0 {
			return fields.Content[at].Line
		}
	}
	return s.Line
}

// Put writes a question in the place of another one of the section, or behind its last.
func (f *File) Put(section, old string, field Field) error {
	fields, err := f.fields(section)
	if err != nil {
		return err
	}
	if old == "" {
		fields.Content = append(fields.Content, field.node())
		fields.Style = 0
		return nil
	}
	at := find(fields, old)
	if at < 0 {
		return ErrNoField
	}
	written := field.node()
	written.HeadComment, written.FootComment = fields.Content[at].HeadComment, fields.Content[at].FootComment
	fields.Content[at] = written
	return nil
}

// Remove takes a question out.
func (f *File) Remove(section, key string) error {
	fields, err := f.fields(section)
	if err != nil {
		return err
	}
	at := find(fields, key)
	if at < 0 {
		return ErrNoField
	}
	fields.Content = slices.Delete(fields.Content, at, at+1)
	return nil
}

// Move puts a question so many places further down in its section, or up; no further than its end.
func (f *File) Move(section, key string, by int) error {
	fields, err := f.fields(section)
	if err != nil {
		return err
	}
	at := find(fields, key)
	if at < 0 {
		return ErrNoField
	}
	one := fields.Content[at]
	to := min(max(at+by, 0), len(fields.Content)-1)
	fields.Content = slices.Insert(slices.Delete(fields.Content, at, at+1), to, one)
	return nil
}

// AddCase writes a test case behind the others, in the place of one of its name.
func (f *File) AddCase(c Case) error {
	var written yaml.Node
	if err := written.Encode(c); err != nil {
		return err
	}
	all := value(f.root.Content[0], "cases")
	if all == nil {
		all = &yaml.Node{Kind: yaml.SequenceNode}
		f.root.Content[0].Content = append(f.root.Content[0].Content, scalar("cases"), all)
	}
	for i, one := range all.Content {
		if name := value(one, "name"); name != nil && name.Value == c.Name {
			all.Content[i] = &written
			return nil
		}
	}
	all.Content, all.Style = append(all.Content, &written), 0
	return nil
}

func (f *File) section(key string) *yaml.Node {
	all := value(f.root.Content[0], "sections")
	if all == nil {
		return nil
	}
	if at := find(all, key); at >= 0 {
		return all.Content[at]
	}
	return nil
}

func (f *File) fields(section string) (*yaml.Node, error) {
	s := f.section(section)
	if s == nil {
		return nil, ErrNoSection
	}
	fields := value(s, "fields")
	if fields == nil || fields.Kind != yaml.SequenceNode {
		return nil, ErrNoSection
	}
	return fields, nil
}

// value is what stands in a mapping under a name, or nil.
func value(in *yaml.Node, name string) *yaml.Node {
	if in.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(in.Content); i += 2 {
		if in.Content[i].Value == name {
			return in.Content[i+1]
		}
	}
	return nil
}

// find is the place in a list of what has a key, or -1.
func find(list *yaml.Node, key string) int {
	return slices.IndexFunc(list.Content, func(one *yaml.Node) bool {
		k := value(one, "key")
		return k != nil && k.Value == key
	})
}

func scalar(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	if reads := (&yaml.Node{}); yaml.Unmarshal([]byte(text), reads) != nil || len(reads.Content) != 1 ||
		reads.Content[0].Tag != "!!str" || reads.Content[0].Value != text {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// node is a question as YAML: what is not said is left out.
func (f Field) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, one := range [][2]string{{"key", f.Key}, {"label", f.Label}, {"help", f.Help}, {"type", string(f.Type)},
		{"unit", f.Unit}, {"when", f.When}, {"pattern", f.Pattern}, {"example", f.Example}, {"wrong", f.Wrong},
		{"fill", f.Fill}, {"autocomplete", f.Autocomplete}, {"source", f.Source}} {
		if one[1] != "" {
			n.Content = append(n.Content, scalar(one[0]), scalar(one[1]))
		}
	}
	if f.Optional {
		n.Content = append(n.Content, scalar("optional"), &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})
	}
	if f.Least != 0 {
		n.Content = append(n.Content, scalar("least"),
			&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(f.Least)})
	}
	if len(f.Options) > 0 {
		options := &yaml.Node{Kind: yaml.SequenceNode}
		for _, o := range f.Options {
			one := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
			for _, part := range [][2]string{{"value", o.Value}, {"label", o.Label}, {"small", o.Small}} {
				if part[1] != "" {
					quoted := scalar(part[1])
					quoted.Style = yaml.DoubleQuotedStyle
					one.Content = append(one.Content, scalar(part[0]), quoted)
				}
			}
			options.Content = append(options.Content, one)
		}
		n.Content = append(n.Content, scalar("options"), options)
	}
	return n
}

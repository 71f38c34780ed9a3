package form

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is what is wrong with a form, and where in its file.
type Problem struct {
	Line           int // 0: nowhere
	Section, Field string
	Says           string
}

func (p Problem) String() string {
	where := strings.Trim(p.Section+"."+p.Field, ".")
	if where != "" {
		where += ": "
	}
	if p.Line > 0 {
		return fmt.Sprintf("Line %d: %s%s", p.Line, where, p.Says)
	}
	return where + p.Says
}

var yamlLine = regexp.MustCompile(`^line (\d+): (.*)$`)

// ProblemsOf are what an error of reading a form's text says, each by itself.
func ProblemsOf(text string, err error) (all []Problem) {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			all = append(all, ProblemsOf(text, one)...)
		}
		return all
	}
	if wrong, ok := errors.AsType[*yaml.TypeError](err); ok {
		for _, one := range wrong.Errors {
			all = append(all, inLine(one))
		}
		return all
	}
	if wrong, ok := errors.AsType[*Error](err); ok {
		p := Problem{Section: wrong.Section, Field: wrong.Field, Says: firstLine(wrong.Err.Error())}
		if file, err := ReadFile(text); err == nil {
			p.Line = file.Line(wrong.Section, wrong.Field)
		}
		return []Problem{p}
	}
	return []Problem{inLine(strings.TrimPrefix(err.Error(), "yaml: "))}
}

func inLine(text string) Problem {
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, err := strconv.Atoi(m[1])
		if err == nil {
			return Problem{Line: line, Says: m[2]}
		}
	}
	return Problem{Says: firstLine(text)}
}

// firstLine is what people can read of an error of CEL, behind which comes a picture of where it is.
func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return strings.ReplaceAll(first, "<input>:1:", "character ")
}

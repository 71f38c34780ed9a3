package kyc

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// words are those of a name as they are compared: lower case, without accents; an apostrophe joins, all else parts.
func words(name string) []string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '\'' || r == '’' || unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFKD.String(name))
	return strings.Fields(name)
}

// PersonKey is how a person's name is compared: the first of the first names and the whole last name, or "" if one is
// missing.
func PersonKey(first, last string) string {
	firsts, lasts := words(first), words(last)
	if len(firsts) == 0 || len(lasts) == 0 {
		return ""
	}
	return firsts[0] + " " + strings.Join(lasts, "")
}

// titles stand beside names.
var titles = []string{"dr", "md", "do", "dds", "dpm", "rn", "np", "pa", "phd", "mba", "mr", "mrs", "ms", "jr", "sr",
	"ii", "iii"}

// mostWords of a name are compared.
const mostWords = 8

// personKeys are all that a name can be compared as of which nobody says where the last name begins, or whether it
// comes first: each word beside each other one, and beside each two that follow each other.
func personKeys(name string) (keys []string) {
	all := slices.DeleteFunc(words(name), func(w string) bool { return slices.Contains(titles, w) })
	all = all[:min(len(all), mostWords)]
	for i, first := range all {
		for k, last := range all {
			if k != i {
				keys = append(keys, first+" "+last)
			}
			if k+1 < len(all) && k != i && k+1 != i {
				keys = append(keys, first+" "+last+all[k+1])
			}
		}
	}
	return keys
}

// legal forms are no part of a business's name.
var legal = []string{"inc", "llc", "llp", "pllc", "pc", "corp", "corporation", "incorporated", "co", "ltd", "the"}

// BusinessKey is how the name of a business is compared, or "".
func BusinessKey(name string) string {
	all := slices.DeleteFunc(words(name), func(w string) bool { return slices.Contains(legal, w) })
	return strings.Join(all, " ")
}

func businessKeys(name string) []string {
	if key := BusinessKey(name); key != "" {
		return []string{key}
	}
	return []string{}
}

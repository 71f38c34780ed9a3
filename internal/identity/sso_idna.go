package identity

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Why a text is no domain of work addresses.
var (
	ErrNoDomain  = errors.New("not a domain in the form of the DNS")
	ErrLookAlike = errors.New("a domain whose letters look like those of another")
)

// ReadDomain is a domain as it is kept, in the form of the DNS: ASCII, lower case. ErrNoDomain; ErrLookAlike for one
// whose letters are of several scripts, or all look like Latin ones and are not (UTS 39).
func ReadDomain(typed string) (string, error) {
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(typed)), "."))
	if err != nil || !DomainName(ascii) {
		return "", ErrNoDomain
	}
	text, err := idna.Lookup.ToUnicode(ascii)
	if err != nil {
		return "", ErrNoDomain
	}
	for label := range strings.SplitSeq(text, ".") {
		if mixed(label) || likeLatin(label) {
			return "", ErrLookAlike
		}
	}
	return ascii, nil
}

// DomainText is a domain as people read it.
func DomainText(ascii string) string {
	text, err := idna.Display.ToUnicode(ascii)
	if err != nil {
		return ascii
	}
	return text
}

// writtenTogether are the scripts that one language has side by side.
var writtenTogether = [][]*unicode.RangeTable{{unicode.Latin}, {unicode.Han, unicode.Hiragana, unicode.Katakana},
	{unicode.Han, unicode.Bopomofo}, {unicode.Han, unicode.Hangul}}

// mixed tells whether the letters of a label are of scripts that nobody writes together.
func mixed(label string) bool {
	for _, script := range unicode.Scripts {
		if script != unicode.Common && script != unicode.Inherited && written(label, script) {
			return false
		}
	}
	for _, scripts := range writtenTogether {
		if written(label, scripts...) {
			return false
		}
	}
	return strings.ContainsFunc(label, unicode.IsLetter)
}

// written tells whether all letters of a label are of these scripts.
func written(label string, scripts ...*unicode.RangeTable) bool {
	return !strings.ContainsFunc(label, func(r rune) bool {
		return !unicode.In(r, unicode.Common, unicode.Inherited) && !unicode.In(r, scripts...)
	})
}

// twins are letters of other scripts that are drawn like Latin ones.
const twins = "асԁеһіјӏоԛрѕԝухӽԍѵьғѡ" + "αεικνορτυχωγ" + "օսհոցզո"

// likeLatin tells whether a label has letters that are not Latin, all of which are drawn like Latin ones.
func likeLatin(label string) bool {
	foreign := false
	for _, r := range label {
		if r < 0x80 {
			continue
		}
		if !strings.ContainsRune(twins, r) {
			return false
		}
		foreign = true
	}
	return foreign
}

package provisioning

import (
	"strings"

	"github.com/google/uuid"

	"kindward/internal/textutil"
)

// longestSlug is how long the word in an organization's address may be before something is put behind it.
const longestSlug = 40

// slugs are words for an organization's address, the best first: its name, its name and town, and its name and a part
// of its id, which nobody else has.
func slugs(name, city string, id uuid.UUID) []string {
	word := slug(name)
	all := []string{word}
	if city != "" {
		all = append(all, word+"-"+slug(city))
	}
	return append(all, word+"-"+id.String()[:8])
}

// slug is a text in letters, digits and single hyphens.
func slug(text string) string {
	fields := strings.FieldsFunc(strings.ToLower(strings.NewReplacer("'", "", "’", "", "&", " and ").Replace(text)),
		func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
	word := strings.Join(fields, "-")
	if len(word) > longestSlug {
		word = strings.Trim(word[:longestSlug], "-")
	}
	if word == "" {
		return "organization"
	}
	return word
}

// phone is a number as organizations keep it: ten digits with hyphens between.
func phone(typed string) string {
	digits := strings.TrimPrefix(textutil.Digits(typed), "1")
	if len(digits) != 10 {
		return typed
	}
	return digits[:3] + "-" + digits[3:6] + "-" + digits[6:]
}

package web

import "strings"

// Phone is a number as people write it: "(401) 555-0142". One from abroad stays as it is kept.
func Phone(kept string) string {
	digits := strings.TrimPrefix(strings.ReplaceAll(kept, "-", ""), "+1")
	if len(digits) != 10 || strings.Trim(digits, "0123456789") != "" {
		return kept
	}
	return "(" + digits[:3] + ") " + digits[3:6] + "-" + digits[6:]
}

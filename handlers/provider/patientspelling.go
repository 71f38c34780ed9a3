package provider

import (
	"context"
	"slices"
	"strings"

	"kindward/queries/tenantdb"
)

// particles begin family names that some write as one word and others as two: DiBiase, Di Biase.
var particles = []string{"al", "da", "de", "del", "della", "di", "do", "dos", "du", "el", "la", "le", "mac", "mc", "o",
	"san", "st", "van", "von"}

// otherSpellings are a name with a particle joined to the word behind it, and with one parted from it.
func otherSpellings(typed string) (all []string) {
	words := strings.Fields(strings.ToLower(typed))
	for i, word := range words {
		if slices.Contains(particles, word) && i+1 < len(words) {
			joined := slices.Concat(words[:i], []string{word + words[i+1]}, words[i+2:])
			all = append(all, strings.Join(joined, " "))
		}
		for _, p := range particles {
			if rest, ok := strings.CutPrefix(word, p); ok && letters(rest) >= 3 {
				all = append(all, strings.Join(slices.Concat(words[:i], []string{p, rest}, words[i+1:]), " "))
			}
		}
	}
	return all[:min(len(all), 4)]
}

// otherwiseSpelled looks for people whose name is written in another way than it was typed.
func otherwiseSpelled(ctx context.Context, q *tenantdb.Queries, typed string,
	ask tenantdb.FindPatientsParams) (rows []tenantdb.FindPatientsRow, err error) {
	for _, name := range otherSpellings(typed) {
		ask.Name = name
		if rows, err = q.FindPatients(ctx, ask); err != nil || len(rows) > 0 {
			return rows, err
		}
	}
	return nil, nil
}

package web

import (
	"log/slog"
	"sync"
)

// unnamed are the words that were logged already.
var unnamed sync.Map

// Named is what a page calls a word of a list, such as the status of an appointment. The words of a list stand beside
// its type and are held to the schema, and a test holds each page's map to the list: so a word without a name is a
// mistake of the program. It is logged once in a process's life, and the page shows neutral, never another word's name.
func Named[T any](names map[string]T, word string, neutral T) T {
	name, ok := names[word]
	if ok {
		return name
	}
	if _, logged := unnamed.LoadOrStore(word, true); !logged {
		slog.Error("web: a page has no name for a word in the database", "word", word)
	}
	return neutral
}

// Package docs is what the product says of itself to those who program against it.
package docs

import _ "embed"

// API says how API clients ask, in Markdown.
//
//go:embed api.md
var API []byte

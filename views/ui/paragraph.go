package ui

// Paragraph is one of a long text, or a heading of a level from 1 on.
type Paragraph struct {
	Heading int
	Text    string
}

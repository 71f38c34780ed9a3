// Package layout is the frame round every page: head, masthead, alert line, footer, and the
// pages that say that something went wrong.
package layout

import (
	"cmp"
	"strconv"

	"kindward/views/ui"
)

// Theme is a person's choice of colors, kept in a cookie and rendered by the server.
type Theme string

// The choices; Auto follows the system.
const (
	Auto  Theme = "auto"
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Themes are all choices, in the order of the switch.
var Themes = []Theme{Auto, Light, Dark}

// ParseTheme reads the value of the cookie or the form; what is not a theme is Auto.
func ParseTheme(s string) Theme {
	switch t := Theme(s); t {
	case Light, Dark:
		return t
	}
	return Auto
}

// label is the theme's name on its button.
func (t Theme) label() string {
	switch t {
	case Light:
		return "Light"
	case Dark:
		return "Dark"
	}
	return "Like my device"
}

// Here is the entry of the main navigation that a page belongs to.
type Here string

// The entries of the main navigation.
const (
	Nowhere  Here = ""
	FindCare Here = "find"
	Bookings Here = "bookings"
	Help     Here = "help"
	Account  Here = "account"
)

// Frame is how <main> divides the width. The value is its class.
type Frame string

// The frames. The modifier of a split names the side where the narrow column stands.
const (
	Column     Frame = "wrap column"      // one column
	Narrow     Frame = "wrap column form" // one column of form width: signing in
	SplitStart Frame = "wrap split start" // filters, then results
	SplitEnd   Frame = "wrap split end"   // the work, then its context
	Bleed      Frame = "bleed"            // edge to edge; sections bring their own .wrap
)

// Page is what the frame needs to know about a page.
type Page struct {
	Title       string // for the tab, without the product's name; no diagnosis, no test's name
	Description string // one sentence for the lists of other search sites; empty: what Kindward is
	Wrong       bool   // a form came back with problems: the title starts "Error: "
	Canonical   string // address of this page whatever is looked for on it; empty: none
	Theme       Theme
	Account     string // name of the signed-in person, or empty
	SignIn      string // address of the sign-in link; "/sign-in" when empty
	Path        string // address of this page, to come back to after changing the theme
	Here        Here
	Frame       Frame // Column when empty
	Search      *ui.SearchBar
	Flash       []ui.Notice
	Refresh     int // where there are no scripts, the page is asked for again after so many seconds; 0 = never
	StaffAccess *StaffAccess
	OnPaper     Paper
	SignOff     *SignOff // nil: the session does not end while somebody may still look at the page
}

// SignOff is how a session ends in which somebody works: its pages warn before that, and show nothing of what they
// showed once it is over.
type SignOff struct {
	Session string // tells it from another session of the same browser
	Seconds int    // until it ends, if nothing else is asked for
	Without string // where scripts are missing, the address that takes the page's place then
}

// refresh is when and with what a browser without scripts replaces the page: a moment too late, because what asks a
// moment too soon finds a session that goes on.
func (s SignOff) refresh() string { return strconv.Itoa(s.Seconds+2) + ";url=" + s.Without }

// StaffAccess says on every page that staff see it as somebody else, or have opened an organization's records in an
// emergency.
type StaffAccess struct {
	Text string // who or what, and whether anything may be changed
	Left string // how long: "27 minutes"
}

// Paper is what a page says of itself on top of its print; a page without it says nothing.
type Paper struct {
	Whose string // "Kindward", or a place with its phone number
	AsOf  string // when it was read; with scripts, when it is printed stands there instead
	Zone  string // of that time; empty: the reader's own
}

// Entry is a link of a workplace's own navigation.
type Entry struct {
	Href, Text string
	Here       bool
}

// Workplace is the organization that a page belongs to.
type Workplace struct {
	Name    string
	Home    string // address of its first page
	Entries []Entry
	Others  bool // whoever is signed in works elsewhere too
}

// Console is the frame of the console's pages: a sentence about what is so stands on top of each.
type Console struct {
	Verdict string // the page's heading
	Line    string // the facts below it
	Entries []Entry
	Find    string // what was looked for
}

func (p Page) title() string {
	title := p.Title + " – Kindward"
	if p.Title == "" {
		title = "Kindward: find care and book a time"
	}
	if p.Wrong {
		return "Error: " + title
	}
	return title
}

func (p Page) description() string {
	return cmp.Or(p.Description, "Find and book care near you with Kindward.")
}

func (p Page) theme() Theme { return ParseTheme(string(p.Theme)) }

func (p Page) frame() string {
	if p.Frame == "" {
		return string(Column)
	}
	return string(p.Frame)
}

func (p Page) signIn() string {
	if p.SignIn == "" {
		return "/sign-in"
	}
	return p.SignIn
}

// Title is the fragment that a part brings along when it says something new of the page: htmx takes it for the tab.
const Title = "title"

// htmxConfig is set once, here. The defaults would keep pages, health data included, in the
// browser's session storage, would not show an answer of 422, and need eval and inline styles.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,` +
	`"historyCacheSize":0,"historyRestoreAsHxRequest":false,"responseHandling":[` +
	`{"code":"204","swap":false},{"code":"[23]..","swap":true},` +
	`{"code":"4(09|10|22|29)","swap":true},{"code":"[45]..","swap":false,"error":true}]}`

// titled is the page under another title.
func (p Page) titled(title string) Page {
	p.Title = title
	return p
}

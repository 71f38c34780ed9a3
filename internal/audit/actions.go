package audit

import (
	"maps"
	"slices"
	"strings"
)

// kind is what an action does to what it is about.
type kind int

const (
	look   kind = iota // it is as it was
	change             // it is another, or somebody's way to it
)

// action is one of the things that events tell of: all that is said of it stands here.
type action struct {
	kind    kind
	support bool   // told on the page that support has of an account
	log     string // the choice by which an organization's log is narrowed to it; empty: by none
	words   string // {s} stands for whose it is
}

const told, untold = true, false // to support

// actions are all that can be done, by resource and action.
var actions = map[string]action{
	"Appointment list":           {look, untold, "list", "looked at a list with {s} appointment"},
	"Slot read":                  {look, untold, "read", "looked at free times"},
	"Appointment read":           {look, untold, "read", "opened {s} appointment"},
	"Appointment find":           {look, untold, "list", "found {s} appointment by its reference"},
	"Appointment book":           {change, told, "book", "booked an appointment"},
	"Appointment move":           {change, told, "move", "moved {s} appointment"},
	"Appointment change address": {change, told, "address", "changed where {s} visit at home is"},
	"Appointment answer":         {change, told, "answer", "answered what is asked before {s} visit"},
	"Appointment cancel":         {change, told, "cancel", "canceled {s} appointment"},
	"Appointment mark":           {change, told, "mark", "noted what became of {s} appointment"},
	"Appointment hold":           {change, untold, "hold", "kept a time"},
	"Appointment extend hold":    {change, untold, "hold", "kept a time longer"},
	"Appointment take hold":      {change, untold, "hold", "signed in while a time was kept"},
	"Appointment release hold":   {change, untold, "hold", "let a time go"},
	"Appointment free hold":      {change, untold, "free hold", "freed a time that somebody kept"},
	"Appointment lapse hold":     {change, untold, "hold", "let a time go that had run out"},
	"Consent list":               {look, untold, "list", "read what {s} details are shared for"},
	"Consent withdraw":           {change, told, "withdraw", "ended the sharing of {s} details"},
	"Consent withdraw-after-visits": {change, told, "withdraw",
		"ended the sharing of {s} details with the visits to come"},
	"Consent resume":   {change, told, "withdraw", "took back that the sharing of {s} details ends"},
	"Patient create":   {change, untold, "book", "made {s} record"},
	"Patient list":     {look, untold, "list", "saw {s} name in a search"},
	"Patient list-log": {look, untold, "", "saw {s} name in this access log"},
	"Patient follow": {change, untold, "follow",
		"brought {s} phone number and email address up to date"},
	"Patient read":         {look, untold, "read", "opened {s} record"},
	"Patient read-contact": {look, untold, "read-contact", "looked up how to reach {t}"},
	"Account read": {look, untold, "",
		"opened {s} account: name, address, devices and when bookings are, no health data"},
	"Account find":                {look, untold, "", "looked for an account"},
	"Account list":                {look, untold, "", "saw {s} name and email address in a search"},
	"Account help":                {change, told, "", "wrote to the help desk for {t}"},
	"Account sign-in":             {change, untold, "", "signed in"},
	"Account sign-up":             {change, told, "", "made the account"},
	"Account sign-out":            {change, untold, "", "signed out"},
	"Account sign-out-everywhere": {change, told, "", "signed out on every device"},
	"Account reset-asked":         {change, told, "", "asked for a new password"},
	"Account reset":               {change, told, "", "chose a new password"},
	"Account update":              {change, told, "", "changed {s} details"},
	"Account confirm":             {look, untold, "", "confirmed with a passkey"},
	"Account second-factor":       {change, untold, "", "typed a code of the second step"},
	"Account second-factor-on":    {change, told, "", "turned on the second step of signing in"},
	"Account second-factor-off":   {change, told, "", "turned off the second step of signing in"},
	"Account recovery-code":       {change, told, "", "used a recovery code"},
	"Account recovery-codes":      {change, told, "", "made new recovery codes"},
	"Account new-browser":         {change, told, "", "signed in from a new browser"},
	"Account session-ended":       {change, told, "", "signed out a device"},
	"Account email-asked":         {change, told, "", "asked to change the email address"},
	"Account email":               {change, told, "", "changed the email address"},
	"FactorRemoval factor-removal-request": {change, told, "",
		"asked for {s} second factors to be removed, which somebody else must approve"},
	"FactorRemoval factor-removal-withdraw": {change, told, "",
		"withdrew the request to remove {s} second factors"},
	"FactorRemoval factor-removal-approve": {change, told, "",
		"approved that {s} second factors are removed, and removed them"},
	"Account link-single-sign-on": {change, told, "sso",
		"joined a sign-in of an organization to the account"},
	"Account unlink-single-sign-on": {change, told, "sso",
		"took a sign-in of an organization from the account"},
	"Account end-single-sign-on": {change, told, "sso",
		"ended a session, as the organization's sign-in asked"},
	"Passkey create":         {change, told, "", "added a passkey"},
	"Passkey delete":         {change, told, "", "removed a passkey"},
	"Passkey copied":         {change, untold, "", "showed a passkey that may be a copy"},
	"Account factor-removed": {change, told, "", "removed {s} second step of signing in"},
	"SingleSignOn update":    {change, untold, "sso", "changed single sign-on"},
	"SingleSignOn test":      {look, untold, "sso", "tried single sign-on"},
	"SingleSignOn log-out": {change, untold, "sso",
		"asked in the name of the organization's sign-in to end sessions"},
	"SingleSignOn delete":                 {change, untold, "sso", "turned single sign-on off"},
	"SingleSignOn add-domain":             {change, untold, "sso", "named a domain for single sign-on"},
	"SingleSignOn remove-domain":          {change, untold, "sso", "took a domain from single sign-on"},
	"SingleSignOn verify-domain":          {change, untold, "sso", "proved a domain for single sign-on"},
	"ApiKey use":                          {look, untold, "use", "used an API key"},
	"Alert review":                        {change, untold, "", "reviewed an alert"},
	"StaffAccess impersonation-begin":     {change, untold, "", "began to see Kindward as {o}"},
	"StaffAccess impersonation-end":       {change, untold, "", "stopped seeing Kindward as {o}"},
	"StaffAccess emergency-access-begin":  {change, untold, "emergency", "opened the records in an emergency"},
	"StaffAccess emergency-access-end":    {change, untold, "emergency", "ended the emergency access"},
	"StaffAccess emergency-access-review": {change, untold, "emergency", "reviewed the emergency access"},
	// Rows are never written anew: what they were called when they were written keeps its words.
	"Acting impersonation-begin": {change, untold, "", "began to see Kindward as {o}"},
	"Acting impersonation-end":   {change, untold, "", "stopped seeing Kindward as {o}"},
	"Acting break-glass-begin":   {change, untold, "emergency", "opened the records in an emergency"},
	"Acting break-glass-end":     {change, untold, "emergency", "ended the emergency access"},
	"Acting break-glass-review":  {change, untold, "emergency", "reviewed the emergency access"},
	"AuditEvent list":            {look, untold, "log", "looked at this access log"},
	"AuditEvent search":          {look, untold, "log", "searched the access log"},
	"AuditEvent export":          {look, untold, "log", "exported from the access log"},
	"AuditEvent restore":         {change, untold, "", "put the database back from a backup"},
	"Membership begin":           {change, untold, "begin", "joined the team"},
	"Membership change role":     {change, untold, "change role", "changed a role in the team"},
	"Membership end":             {change, untold, "end", "ended somebody's work in the team"},
	"Invitation create":          {change, untold, "create", "invited somebody to the team"},
	"Invitation revoke":          {change, untold, "revoke", "took an invitation back"},
	"Invitation accept":          {change, untold, "begin", "accepted an invitation"},
	"ApiKey create":              {change, untold, "create", "made an API key"},
	"ApiKey show":                {look, untold, "create", "saw an API key again, minutes after making it"},
	"ApiKey revoke":              {change, untold, "revoke", "revoked an API key"},
	"Location update":            {change, untold, "listings", "changed what is said of a location"},
	"Practitioner update":        {change, untold, "listings", "changed what is said of a practitioner"},
	"Service update":             {change, untold, "listings", "changed a service"},
	"Change ask":                 {change, untold, "listings", "asked to change what has to be reviewed"},
	"Change withdraw":            {change, untold, "listings", "took back what they had asked to change"},
	"Change accept":              {change, untold, "listings", "accepted what was asked to be changed"},
	"Change refuse":              {change, untold, "listings", "refused what was asked to be changed"},
	"Location add":               {change, untold, "listings", "added a location"},
	"Practitioner add":           {change, untold, "listings", "added a practitioner"},
	"Service add":                {change, untold, "listings", "added a service"},
	"Schedule add":               {change, untold, "listings", "added hours in which patients can book"},
	"Schedule close":             {change, untold, "listings", "took hours away in which patients could book"},
	"Patient import":             {change, untold, "import", "added {s} record from a file"},
	"Patient remove":             {change, untold, "import", "removed {s} record that had come in a file"},
	"Import create":              {change, untold, "import", "read a file with records"},
	"Import run":                 {change, untold, "import", "brought in what a file holds"},
	"Import undo":                {change, untold, "import", "took back what a file had brought in"},
	"Organization seed":          {change, untold, "", "made the demonstration"},
	"Staff staff-grant":          {change, untold, "", "gave a role of the staff"},
	"Staff staff-end":            {change, untold, "", "ended a role of the staff"},
	"Form edit":                  {change, untold, "", "wrote in a draft of a form"},
	"Form discard":               {change, untold, "", "gave a draft of a form up"},
	"Form publish":               {change, untold, "", "published a form that somebody else wrote"},
	"Application began":          {change, untold, "", "began an application to join"},
	"Application joined":         {change, untold, "", "came to an application to join"},
	"Application left":           {change, untold, "", "took somebody out of an application to join"},
	"Application answered":       {change, untold, "", "answered a step of an application to join"},
	"Application checked":        {change, untold, "", "had a register checked for an application to join"},
	"Application compared":       {change, untold, "", "compared an application to join with others"},
	"Application distinct":       {change, untold, "", "told an application to join and another apart"},
	"Application duplicate":      {change, untold, "", "closed an application to join as a duplicate"},
	"Application claimed":        {change, untold, "", "took an application to join to look at"},
	"Application released":       {change, untold, "", "gave an application to join back to the queue"},
	"Application returned":       {change, untold, "", "asked for more for an application to join"},
	"Application approved":       {change, untold, "", "approved an application to join"},
	"Application rejected":       {change, untold, "", "rejected an application to join"},
	"Application withdrawn":      {change, untold, "", "withdrew an application to join"},
	"Application closed":         {change, untold, "", "closed an application to join that nobody went on with"},
	"Application reopened":       {change, untold, "", "opened an application to join again"},
	"GuestLink create":           {change, untold, "", "made a guest's link to a step of an application to join"},
	"GuestLink end":              {change, untold, "", "ended a guest's link to a step of an application to join"},
	"ApplicantInvitation create": {change, untold, "", "invited somebody to an application to join"},
	"ApplicantInvitation revoke": {change, untold, "", "took an invitation to an application to join back"},
	"ApplicantInvitation accept": {change, untold, "", "accepted an invitation to an application to join"},
	"Application waived":         {change, untold, "", "let a check of an application to join pass"},
	"Application provisioned":    {change, untold, "", "made a part of an organization that joins"},
	"Application uploaded":       {change, untold, "", "sent a document of an application to join"},
	"Application removed":        {change, untold, "", "took a document out of an application to join"},
	"Application scanned":        {change, untold, "", "had a document of an application to join scanned"},
	"Application accepted":       {change, untold, "", "accepted a document of an application to join"},
	"Application refused":        {change, untold, "", "rejected a document of an application to join"},
	"Application signed":         {change, untold, "", "signed the contract of an application to join"},
	"Application reworded":       {change, untold, "", "put another text in the place of a contract"},
	"Application signed-again":   {change, untold, "", "signed another text of their organization's contract"},
	"Application countersigned":  {change, untold, "", "countersigned another text of an organization's contract"},
	"ApplicationContract sign":   {change, untold, "", "put a signature under the contract of an application to join"},
	"ApplicationContract read":   {look, untold, "", "opened the contract of an application to join"},
	"ApplicationDocument read":   {look, untold, "", "opened a document of an application to join"},
	"Application list":           {look, untold, "", "looked at the applications to join"},
	"Application read":           {look, untold, "", "read an application to join"},
}

// signIns are the actions of an account by which somebody gets into it and out of it, with what support reads of each.
var signIns = map[string]string{"sign-up": "Made the account", "sign-in": "Signed in", "second-factor": "Second step",
	"recovery-code": "Recovery code", "sign-out": "Signed out", "sign-out-everywhere": "Signed out everywhere",
	"end-single-sign-on": "Signed out by single sign-on", "reset": "New password",
	"factor-removed": "Second factor removed"}

// SignIns are the actions of an account that support sees as its ways in and out.
func SignIns() []string { return slices.Sorted(maps.Keys(signIns)) }

// SignInWords is what support reads of one of SignIns.
func SignInWords(action string) string { return signIns[action] }

// LogChoice is one thing that an organization's log can be narrowed to.
type LogChoice struct{ Value, Text string }

var logChoices = []LogChoice{{"read", "Opened"}, {"list", "Seen in lists and searches"},
	{"read-contact", "Looked up how to reach somebody"}, {"mark", "Marked visits"}, {"book", "Booked"},
	{"move", "Moved"}, {"cancel", "Canceled"}, {"address", "Changed where a home visit is"},
	{"answer", "Answered before a visit"},
	{"hold", "Kept times and let them go"}, {"free hold", "Freed held times"},
	{"withdraw", "Ended sharing"}, {"follow", "Brought details up to date"},
	{"begin", "Joined the team"}, {"change role", "Changed roles"}, {"end", "Ended work in the team"},
	{"create", "Made keys and invitations"}, {"revoke", "Took keys and invitations back"}, {"use", "Refused keys"},
	{"sso", "Single sign-on"}, {"import", "Imports"}, {"listings", "What patients can book"},
	{"emergency", "Emergency access"}, {"log", "This log: looks and exports"}}

// LogChoices are what an organization's log can be narrowed to, in the order in which they are offered.
func LogChoices() []LogChoice { return slices.Clone(logChoices) }

// InLog are the actions that a choice of the log stands for, as statements ask for them: resource and action.
func InLog(choice string) []string {
	return actionsThat(func(a action) bool { return choice != "" && a.log == choice })
}

// ForSupport are the actions that support is told of an account. What was looked at is none of them.
func ForSupport() []string { return actionsThat(func(a action) bool { return a.support }) }

// Changes are the actions that do something to what they are about, and do not only look at it.
func Changes() []string { return actionsThat(func(a action) bool { return a.kind == change }) }

func actionsThat(are func(action) bool) (all []string) {
	for of, a := range actions {
		if are(a) {
			all = append(all, of)
		}
	}
	slices.Sort(all)
	return all
}

// Actions are the words for what can be done, as events say them, in order.
func Actions() []string {
	seen := map[string]bool{}
	for of := range actions {
		_, name, _ := strings.Cut(of, " ")
		seen[name] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

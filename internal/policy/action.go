package policy

// Action is what somebody asks to do. Every route names one.
type Action string

// The actions, by what they are done to.
const (
	Anyone  Action = "public.read"    // pages for everybody
	Visitor Action = "hold.own"       // the one whose hold it is
	Demo    Action = "demo.read"      // anyone, where the deployment is a demonstration
	Frame   Action = "frame.use"      // what stands round every page: colors, signing out, ending an act for somebody else
	SignIn  Action = "session.change" // signing in and up, a new password

	ReadOwn       Action = "own.read"       // a person's own record
	ChangeOwn     Action = "own.change"     // moving and canceling one's own
	ConsentOwn    Action = "own.consent"    // booking: what is shared and with whom
	AnswerOwn     Action = "own.answer"     // what is asked before a visit
	ChangeAccount Action = "account.change" // factors, address, an organization's sign-in
	ChangeEmail   Action = "email.change"   // with the link that its mailbox got, which may have taken its time
	EndSessions   Action = "sessions.end"   // signing out elsewhere
	ProveOwn      Action = "proof.give"     // showing once more who one is, setting up a second factor for the first time

	ReadApplication   Action = "application.read" // to join, in which they take part
	ChangeApplication Action = "application.change"
	SignApplication   Action = "application.sign" // the contract, for the organization

	ReadOrganization   Action = "organization.read"
	ReadAppointments   Action = "appointments.read"
	ChangeAppointments Action = "appointments.change"
	CancelAppointments Action = "appointments.cancel" // for a patient who calls, or because the organization has to
	BookAppointments   Action = "appointments.book"   // and move: for a patient who calls or stands at the desk
	ReadPatients       Action = "patients.read"
	FindPatients       Action = "patients.find" // their names and how to reach them
	ReadMembers        Action = "members.read"
	ChangeMembers      Action = "members.change"
	ReadKeys           Action = "keys.read"
	ChangeKeys         Action = "keys.change"
	ReadSSO            Action = "sso.read"
	ChangeSSO          Action = "sso.change"
	ChangeListings     Action = "listings.change" // what patients can book: locations, practitioners, services, hours
	ReadContract       Action = "contract.read"   // with Kindward, as it is signed
	SignContract       Action = "contract.sign"
	ReadAccessLog      Action = "access_log.read" // who looked at what in this organization

	ReadConsole           Action = "console.read"
	ReadPeople            Action = "people.read"
	Impersonate           Action = "impersonation.change"
	BeginEmergencyAccess  Action = "emergency_access.change"
	ReviewEmergencyAccess Action = "emergency_access.review"
	ReadStaff             Action = "staff.read"
	ChangeStaff           Action = "staff.change"
	ReadPolicies          Action = "policies.read"
	ReadAudit             Action = "audit.read"
	ExportAudit           Action = "audit.export"
	ReviewAlerts          Action = "alerts.review"
	ReadOrganizations     Action = "organizations.read"
	ReadOnboarding        Action = "onboarding.read" // applications to join
	ChangeOnboarding      Action = "onboarding.change"
	ReadForms             Action = "forms.read" // what people are asked, and its drafts
	ChangeForms           Action = "forms.change"
	PublishForms          Action = "forms.publish"
	ApproveOnboarding     Action = "onboarding.approve"

	KeySlots        Action = "api.slots.read"
	KeyAppointments Action = "api.appointments.read"
	KeyImports      Action = "api.imports.write"
)

// Kind is what an action is done to.
type Kind string

// The kinds of resources.
const (
	Site         Kind = "Site"         // the public site
	Own          Kind = "Account"      // the asker's own account
	Organization Kind = "Organization" // the organization that the address names
	Platform     Kind = "Platform"     // the platform and its console
	API          Kind = "API"          // the organization that the address names, asked by an API client
)

// ActionSpec is what is known of an action: what it is done to, the groups that policies name it by, and words for
// people.
type ActionSpec struct {
	Action Action
	Kind   Kind
	Groups []string
	Words  string
}

// The groups: public, own, organization, platform and api follow the kind; chart = health data of an organization; work
// = what needs a second factor; sensitive = what needs a recent proof of who asks; credentials and consent = what
// nobody does for somebody else; all_factors = what needs as many factors as the account has.
var specs = []ActionSpec{
	{Anyone, Site, []string{"public"}, "Open public pages"},
	{Visitor, Site, []string{"public"}, "Keep a time while booking"},
	{Demo, Site, []string{"public"}, "Open the pages of a demonstration"},
	{Frame, Site, []string{"public", "frame"}, "Change colors, sign out, stop acting for somebody"},
	{SignIn, Site, []string{"public", "credentials"}, "Sign in, sign up, ask for a new password"},

	{ReadOwn, Own, []string{"own"}, "See their own appointments and account"},
	{ChangeOwn, Own, []string{"own"}, "Move and cancel their own appointments"},
	{ConsentOwn, Own, []string{"own", "consent"}, "Book, and say with whom details are shared"},
	{AnswerOwn, Own, []string{"own"}, "Answer what is asked before their visits"},
	{ChangeAccount, Own, []string{"own", "credentials", "all_factors", "sensitive"}, "Change how they sign in, and their address"},
	{ChangeEmail, Own, []string{"own", "credentials", "all_factors"}, "Use a new address whose mailbox has answered"},
	{EndSessions, Own, []string{"own", "credentials", "all_factors"}, "Sign their devices out"},
	{ProveOwn, Own, []string{"own", "credentials"}, "Show once more who they are"},

	{ReadApplication, Own, []string{"own"}, "See their organization's application to join"},
	{ChangeApplication, Own, []string{"own", "all_factors"}, "Answer their organization's application to join"},
	{SignApplication, Own, []string{"own", "all_factors", "sensitive"}, "Sign their organization's contract"},

	{ReadOrganization, Organization, []string{"organization", "work"}, "See the organization's page"},
	{ReadAppointments, Organization, []string{"organization", "work", "chart"}, "See the day's appointments"},
	{ChangeAppointments, Organization, []string{"organization", "work"}, "Mark what became of visits, and free held times"},
	{CancelAppointments, Organization, []string{"organization", "work"}, "Cancel a visit for a patient who calls"},
	{BookAppointments, Organization, []string{"organization", "work"}, "Book and move visits for patients"},
	{ReadPatients, Organization, []string{"organization", "work", "chart"}, "Open a patient's record"},
	{FindPatients, Organization, []string{"organization", "work", "chart"}, "Find a patient and how to reach them"},
	{ReadMembers, Organization, []string{"organization", "work"}, "See who works there"},
	{ChangeMembers, Organization, []string{"organization", "work", "sensitive"}, "Invite people and change roles"},
	{ReadKeys, Organization, []string{"organization", "work"}, "See API keys"},
	{ChangeKeys, Organization, []string{"organization", "work", "sensitive"}, "Make and revoke API keys"},
	{ReadSSO, Organization, []string{"organization", "work"}, "See single sign-on"},
	{ChangeSSO, Organization, []string{"organization", "work", "sensitive"}, "Change single sign-on"},
	{ChangeListings, Organization, []string{"organization", "work"}, "Say what patients can book"},
	{ReadContract, Organization, []string{"organization", "work"}, "Read the contract with Kindward"},
	{SignContract, Organization, []string{"organization", "work", "sensitive"}, "Sign the contract with Kindward"},
	{ReadAccessLog, Organization, []string{"organization", "work"}, "See who looked at what"},

	{ReadConsole, Platform, []string{"platform", "work"}, "Open the console"},
	{ReadPeople, Platform, []string{"platform", "work"}, "Find a person"},
	{Impersonate, Platform, []string{"platform", "work", "sensitive"}, "See the site as a person"},
	{BeginEmergencyAccess, Platform, []string{"platform", "work", "sensitive"},
		"Open an organization's records in an emergency"},
	{ReviewEmergencyAccess, Platform, []string{"platform", "work"}, "Review emergency access"},
	{ReadStaff, Platform, []string{"platform", "work"}, "See the platform's staff"},
	{ChangeStaff, Platform, []string{"platform", "work", "sensitive"}, "Give and take roles of staff"},
	{ReadPolicies, Platform, []string{"platform", "work"}, "Read the policies and ask why"},
	{ReadAudit, Platform, []string{"platform", "work"}, "Search the audit"},
	{ExportAudit, Platform, []string{"platform", "work", "sensitive"}, "Export the audit"},
	{ReviewAlerts, Platform, []string{"platform", "work"}, "Review alerts"},
	{ReadOrganizations, Platform, []string{"platform", "work"}, "See the organizations"},
	{ReadOnboarding, Platform, []string{"platform", "work"}, "Read the applications to join"},
	{ChangeOnboarding, Platform, []string{"platform", "work"}, "Decide on applications to join"},
	{ReadForms, Platform, []string{"platform", "work"}, "Read what people are asked in forms"},
	{ChangeForms, Platform, []string{"platform", "work"}, "Write what people are asked in forms"},
	{PublishForms, Platform, []string{"platform", "work", "sensitive"}, "Publish forms that somebody else wrote"},
	{ApproveOnboarding, Platform, []string{"platform", "work", "sensitive"}, "Approve applications to join"},

	{KeySlots, API, []string{"api"}, "Read free times with a key"},
	{KeyAppointments, API, []string{"api"}, "Read appointments with a key"},
	{KeyImports, API, []string{"api"}, "Bring records along with a key"},
}

// ActionSpecs are those of all actions, in the order in which they are explained.
func ActionSpecs() []ActionSpec { return specs }

// SpecOf finds what is known of an action; false: there is no such action.
func SpecOf(a Action) (ActionSpec, bool) {
	for _, s := range specs {
		if s.Action == a {
			return s, true
		}
	}
	return ActionSpec{}, false
}

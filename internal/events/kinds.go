package events

// Kind is what happened. Words are stable for ever: they stand in the outbox, and a newer release may run beside this
// one.
type Kind string

// All kinds. Kinds says of each who appends it, what it carries and who is told.
const (
	ListingsPublished    Kind = "market.published"
	AppointmentHeld      Kind = "appointment.held"
	AppointmentExtended  Kind = "appointment.extended"
	AppointmentReleased  Kind = "appointment.released"
	AppointmentBooked    Kind = "appointment.booked"
	AppointmentMoved     Kind = "appointment.moved"
	AppointmentCancelled Kind = "appointment.cancelled"
	AppointmentMarked    Kind = "appointment.marked"
	EmailQueued          Kind = "email.queued"
	AccountChanged       Kind = "account.changed"
	ImportStarted        Kind = "import.started"
)

// Names of the consumers.
const (
	// internal/jobs: patients are told what became of their appointments, emails that wait are sent, and charts follow
	// their accounts; it has a cursor of this name
	Messages = "messages"
	Listings = "listings" // internal/search: each process keeps its listings and their free times by it; it has no cursor
	Busy     = "busy"     // internal/booking: each process keeps by it what is taken; it has no cursor
)

// KindFacts is what there is to know about one kind.
type KindFacts struct {
	Kind       Kind
	AppendedBy []string // names of the queries
	// keys of its data: ids, times in RFC 3339 and the appointment's own state, nothing about a person
	Fields    []string
	Consumers []string // who takes it; everybody else declines it
}

// Kinds are all kinds of events. Tests hold the statements and the consumers to it.
var Kinds = []KindFacts{
	{ListingsPublished, []string{"WritePublishedEvent"}, nil, []string{Listings}},
	{AppointmentHeld, []string{"WriteHeldEvent"}, []string{"resource", "claim", "start", "end", "until"},
		[]string{Listings, Busy}},
	// it had taken the time already
	{AppointmentExtended, []string{"WriteExtendedEvent"}, []string{"resource", "claim", "start", "end", "until"},
		[]string{Busy}},
	{AppointmentReleased, []string{"WriteReleasedEvent"}, []string{"resource", "claim", "start", "end"},
		[]string{Listings, Busy}},
	// its hold has taken the time already
	{AppointmentBooked, []string{"WriteBookedEvent"}, []string{"resource", "claim", "start", "end"},
		[]string{Busy, Messages}},
	{AppointmentMoved, []string{"WriteMovedEvent"}, []string{"resource", "claim", "start", "end", "from", "from_claim",
		"from_start", "from_end", "sequence"}, []string{Listings, Busy, Messages}},
	{AppointmentCancelled, []string{"WriteCancelledEvent"}, []string{"resource", "claim", "start", "end", "sequence"},
		[]string{Listings, Busy, Messages}},
	{EmailQueued, []string{"QueueEmail"}, nil, []string{Messages}}, // the subject is the row of outbox.email
	// the subject is the account, whose copies follow
	{AccountChanged, []string{"UpdateProfile", "KeepDetails", "UseEmailChange"}, nil, []string{Messages}},
	// the subject is the import, whose rows are brought in
	{ImportStarted, []string{"WriteImportEvent"}, nil, []string{Messages}},
	// what became of a visit frees no time and is no news to the patient
	{AppointmentMarked, []string{"WriteMarkedEvent"}, []string{"status"}, nil},
}

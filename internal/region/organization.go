package region

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
)

const zone = "America/New_York"

// organization is one tenant in the making.
type organization struct {
	index  int
	tenant tenancy.Tenant
	suffix string // the part of its name that says what it does
	home   town
	known  *knownOrganization // one of the three that documents and journeys name, else nil
	target int                // how many listings it is to have; 0 = as many as come by themselves
	rows

	used        map[string]bool // names of people
	serviceOf   map[string]uuid.UUID
	hours       map[uuid.UUID]*hours    // by schedule
	waiting     map[uuid.UUID]uuid.UUID // location -> its schedule without hours
	closes      []holiday
	shortFriday bool // the day after Thanksgiving
	payers      payerSet
	response    int // minutes
	interpreted []string
}

// kinds is the order in which organizations come: of twenty, eleven are clinics, four laboratories and five home-care
// agencies.
const kinds = "clhcchclcchclchcclhc"

func kindOf(index int) string {
	switch kinds[index%len(kinds)] {
	case 'c':
		return search.KindClinic
	case 'l':
		return search.KindLaboratory
	}
	return search.KindHomeCare
}

// organizations are all of the region with their names, towns and ids, cheap to make: a region that stands needs no
// more.
func (g *generator) organizations() []*organization {
	names, slugs := map[string]bool{}, map[string]bool{}
	ordinal := map[string]int{}
	out := make([]*organization, g.options.Organizations)
	for i := range out {
		o := &organization{index: i, used: map[string]bool{}, serviceOf: map[string]uuid.UUID{},
			hours: map[uuid.UUID]*hours{}, waiting: map[uuid.UUID]uuid.UUID{}}
		d := g.random("organization", i)
		kind := kindOf(i)
		o.suffix = g.suffixes[kind][ordinal[kind]%len(g.suffixes[kind])]
		ordinal[kind]++
		o.home = g.towns[weighted(d, g.towns, func(t town) int { return t.weight })]
		// The spelling is that of the first release: regions keep their ids.
		o.tenant = tenancy.Tenant{ID: g.id("organisation", i), Kind: kind, Zone: zone, Phone: phone(d)}
		if i < len(knownOrganizations) {
			o.known = &knownOrganizations[i]
			o.tenant.Name, o.suffix, o.tenant.Phone = o.known.name, o.known.suffix, o.known.phone
		}
		for o.tenant.Name == "" || names[o.tenant.Name] || slugs[slug(o.tenant.Name)] {
			o.tenant.Name = pick(d, g.prefixes) + " " + o.suffix
			if names[o.tenant.Name] {
				o.tenant.Name += " of " + o.home.name
			}
		}
		o.tenant.Slug = slug(o.tenant.Name)
		o.tenant.About = about(d, o)
		names[o.tenant.Name], slugs[o.tenant.Slug] = true, true
		out[i] = o
	}
	return out
}

func about(d random, o *organization) string {
	if o.known != nil {
		return o.known.about
	}
	year := 1962 + d.below(58)
	switch o.tenant.Kind {
	case search.KindClinic:
		return pick(d, []string{
			fmt.Sprintf("Open in %s since %d. New and returning patients book online, day or night.", o.home.name, year),
			fmt.Sprintf("A team you get to know, in %s since %d. We call back the same day.", o.home.name, year),
			fmt.Sprintf("Care close to home in %s. We tell you the price before you come.", o.home.name),
		})
	case search.KindLaboratory:
		return pick(d, []string{
			fmt.Sprintf("Tests and results for %s since %d. Most results are ready the next day.", o.home.name, year),
			fmt.Sprintf("Bring your order, or ask your doctor to send it. In %s since %d.", o.home.name, year),
		})
	}
	return pick(d, []string{
		fmt.Sprintf("We come to you in and around %s. The same few people visit, week after week.", o.home.name),
		fmt.Sprintf("Nurses and caregivers from %s, at your door since %d.", o.home.name, year),
	})
}

// fill makes everything of an organization but its appointments.
func (g *generator) fill(o *organization) {
	d := g.random("house", o.index)
	o.payers = g.payerSet(d, o)
	o.response = d.from(&responseMinutes)
	if o.known != nil {
		o.response = o.known.response
	}
	if o.known != nil || d.percent(40) {
		o.interpreted = interpreters(d)
	}
	minor := d.percent(40)
	for _, h := range holidaysBetween(g.from, g.to) {
		if h.major || minor {
			o.closes = append(o.closes, h)
		}
	}
	o.shortFriday = d.percent(30)
	g.locate(d, o)
	g.organizationRule(d, o)
	switch o.tenant.Kind {
	case search.KindClinic:
		g.staffClinic(o)
	case search.KindLaboratory:
		g.staffLaboratory(o)
	default:
		g.staffHomeCare(o)
	}
}

// interpreters are the languages of the interpreters' line.
func interpreters(d random) []string {
	all := shuffled(d, []string{"es", "pt", "zh", "vi", "ht", "kea", "km", "ar", "fr", "ru", "lo"})
	list := all[:d.between(4, len(all))]
	slices.Sort(list)
	return list
}

// locate gives an organization its places: the first in its home town, the others in the towns nearest to it.
func (g *generator) locate(d random, o *organization) {
	count, most, another := 1, 4, 50 // percent
	if o.tenant.Kind == search.KindClinic {
		another = 65
	}
	if o.target > 400 {
		count, most = 3, 8
	}
	for count < most && d.percent(another) {
		count++
	}
	if o.tenant.Kind == search.KindHomeCare {
		count = min(count, 2)
	}
	if o.known != nil {
		count = 1
	}
	near := slices.Clone(g.towns)
	slices.SortStableFunc(near, func(a, b town) int { return o.home.apart(a) - o.home.apart(b) })
	near = near[1:13]
	names := map[string]bool{}
	for n := range count {
		t := o.home
		if n > 0 {
			t = pick(d, near)
		}
		l := g.place(g.random("location", o.index, n), o, t, n)
		if l.Name = o.tenant.Name; n > 0 {
			l.Name += ", " + t.name
		}
		if names[l.Name] {
			l.Name = fmt.Sprintf("%s, %s", o.tenant.Name, l.Street)
		}
		names[l.Name] = true
		o.locations = append(o.locations, l)
	}
}

// apart orders towns by distance: squared, in units that are equally long both ways at this latitude.
func (t town) apart(o town) int {
	north, east := t.lat-o.lat, (t.lon-o.lon)*745/1000
	return north*north + east*east
}

func (g *generator) place(d random, o *organization, t town, n int) location {
	l := location{ID: g.id("location", o.index, n), Street: fmt.Sprintf("%d %s", d.between(2, 1800), pick(d, g.streets)),
		City: t.name, State: t.state, ZIP: t.zip, Lat: degrees(t.lat + d.between(-80, 80)),
		Lon:  degrees(t.lon + d.between(-100, 100)),
		Zone: zone, Phone: o.tenant.Phone, Languages: languages(d), Interpreted: []string{}}
	if h := o.known; h != nil {
		l.Street, l.City, l.State, l.ZIP, l.Lat, l.Lon, l.Languages = h.street, "Providence", "RI", h.zip, degrees(h.lat),
			degrees(h.lon), h.languages
	}
	for _, code := range o.interpreted {
		if !slices.Contains(l.Languages, code) {
			l.Interpreted = append(l.Interpreted, code)
		}
	}
	if n > 0 {
		l.Phone = phone(d)
	}
	if o.tenant.Kind == search.KindHomeCare {
		l.AreaKm = d.between(8, 25)
		if o.known != nil {
			l.AreaKm = 25
		}
	}
	g.describeAccess(d, o, &l)
	return l
}

// describeAccess says who can get in and how, each feature with who checked it and when.
func (g *generator) describeAccess(d random, o *organization, l *location) {
	has := map[string]bool{}
	for _, f := range []struct {
		code          string
		percent, home int
	}{
		{"step_free", 80, 0}, {"parking", 55, 0}, {"transit", 50, 0}, {"asl", 12, 15}, {"low_sensory", 15, 0},
		{"hearing_loop", 10, 0},
	} {
		percent := f.percent
		if o.tenant.Kind == search.KindHomeCare { // nobody visits the base
			percent = f.home
		}
		checked := g.today.AddDays(-d.between(10, 300))
		source := pick(d, []string{"Checked by the provider on %s", "Checked by the provider on %s",
			"Confirmed by visitors, last on %s"})
		if d.percent(percent) || o.known != nil && slices.Contains(o.known.access, f.code) {
			has[f.code] = true
			o.access = append(o.access, locationAccess{l.ID, f.code, fmt.Sprintf(source, checked)})
		}
	}
	switch {
	case o.tenant.Kind == search.KindHomeCare:
		l.Directions = "We come to you. This is our office."
	case has["parking"] && has["transit"]:
		l.Directions = "Parking behind the building. The bus stops at the corner."
	case has["parking"]:
		l.Directions = "Parking behind the building, enter from the side street."
	case has["transit"]:
		l.Directions = "The bus stops one block away. Street parking only."
	default:
		l.Directions = "Street parking. Ring at the front door."
	}
}

func dateOn(d civil.Date) *civil.Date { return &d }

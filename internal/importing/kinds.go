package importing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"kindward/queries/tenantdb"
)

// Field is one thing that a row says of what it makes.
type Field struct {
	Name     string
	Label    string
	Example  string
	Required bool
	others   string // what else a column of it is called, apart by commas
	api      string // what it is called in JSON, where that is not its name
	read     func(text string, known *Known) reading
}

// Kind is what the rows of a file are.
type Kind struct {
	Name   string
	Title  string // "Practitioners"
	About  string
	Fields []Field
	key    func(record map[string]any) string // by which a row without an id of its own is known again
	sure   bool                               // the key is of one thing, whatever id a row has
	mend   func(record map[string]any, known *Known) (field string, wrong reading)
	judge  func(c *checker, v Verdict) Verdict // what a row is beside all others
	shown  []string                            // fields that say to people which row it is; none: the first that is needed

	// compare compares a part of the rows with what is there already.
	compare func(ctx context.Context, q *tenantdb.Queries, verdicts []Verdict) error
}

// Kinds are all kinds, in the order in which an organization needs them.
func Kinds() []Kind { return kinds }

// Find is a kind by its name.
func Find(name string) (Kind, bool) {
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return kinds[i], true
}

func (k Kind) field(name string) (Field, bool) {
	i := slices.IndexFunc(k.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return k.Fields[i], true
}

var externalID = Field{Name: "external_id", Label: "Id in your system", Example: "P-1001",
	others: "id,external id,source id,record id,key,number in your system", read: text(80)}

var kinds = []Kind{
	{Name: "practitioners", Title: "Practitioners", About: "Who sees patients: name, specialty, NPI.",
		Fields: []Field{externalID,
			{Name: "name", Label: "Name", Example: "Ana Ruiz, MD", Required: true, read: text(120),
				others: "full name,practitioner,provider,provider name,clinician,doctor,physician,display name"},
			{Name: "specialty", Label: "Specialty", Example: "Family doctor", Required: true, read: specialty,
				others: "speciality,taxonomy,discipline,profession,field"},
			{Name: "npi", Label: "NPI", Example: "1234567893", read: npiNumber,
				others: "npi number,national provider identifier,npi no"},
			{Name: "languages", Label: "Languages", Example: "English; Spanish", read: languages,
				others: "language,languages spoken,spoken languages,speaks"},
			{Name: "gender", Label: "Gender", Example: "female", read: oneOf(genders), others: "sex"},
			{Name: "age_from", Label: "Youngest patient", Example: "18", read: whole(1, 120),
				others: "min age,minimum age,age from,ages from"},
			{Name: "age_to", Label: "Oldest patient", Example: "", read: whole(1, 120),
				others: "max age,maximum age,age to,ages to"},
			{Name: "valid_from", Label: "License from", Example: "2024-01-01", read: date,
				others: "valid from,license start,license issued,issue date,start date"},
			{Name: "valid_until", Label: "License until", Example: "2028-12-31", read: date,
				others: "valid until,license expires,license expiration,expiration date,expiry,expires,end date,license end"},
			{Name: "about", Label: "About", Example: "Sees whole families.", read: text(2000),
				others: "bio,biography,description,profile"},
		},
		key:  func(r map[string]any) string { return keyOf(r, "npi", "name", "specialty") },
		mend: order("age_from", "age_to", "valid_from", "valid_until")},
	{Name: "locations", Title: "Locations", About: "Where patients come: name, address, phone.",
		Fields: []Field{externalID,
			{Name: "name", Label: "Name", Example: "Wickenden Street", Required: true, read: text(120),
				others: "location,location name,site,site name,office,clinic,branch"},
			{Name: "street", Label: "Street", Example: "12 Wickenden Street", Required: true, read: text(160),
				others: "address,street address,address 1,address line 1"},
			{Name: "city", Label: "City", Example: "Providence", Required: true, read: text(80), others: "town,municipality"},
			{Name: "state", Label: "State", Example: "RI", Required: true, read: oneOf(states), others: "st,province,region"},
			{Name: "zip", Label: "ZIP code", Example: "02906", Required: true, read: zipCode,
				others: "zip,postal code,postcode,zipcode"},
			{Name: "phone", Label: "Phone", Example: "401-555-0142", read: phone,
				others: "phone number,telephone,tel,main phone"},
			{Name: "directions", Label: "Directions", Example: "Entrance in the yard.", read: text(500),
				others: "how to get there,notes,access"},
		},
		key:  func(r map[string]any) string { return keyOf(r, "", "name", "street", "zip") },
		mend: place},
	{Name: "services", Title: "Services", About: "What patients come for: service, minutes, price.",
		Fields: []Field{externalID,
			{Name: "reason_code", Label: "Service", Example: "Blood draw", Required: true, read: reason, api: "service",
				others: "name,service name,procedure,visit type,appointment type,description,test,test name"},
			{Name: "minutes", Label: "Minutes", Example: "20", read: whole(5, 720),
				others: "duration,length,duration in minutes,time"},
			{Name: "price_cents", Label: "Price", Example: "120", read: price, api: "price",
				others: "cost,fee,charge,amount,cash price,self pay price,rate"},
			{Name: "visit_mode", Label: "Where", Example: "in person", read: oneOf(modes),
				others: "mode,visit mode,place,location,setting"},
			{Name: "telehealth", Label: "Also by video", Example: "no", read: yesOrNo, others: "telehealth,video,virtual"},
		},
		key:  serviceKey,
		sure: true,
		mend: service},
	hoursKind,
	patientsKind,
}

// serviceKey tells services of one thing apart by where they happen and how long they take.
func serviceKey(record map[string]any) string {
	return fmt.Sprint(record["reason_code"], " | ", record["visit_mode"], " | ", record["minutes"])
}

// keyOf is by what a row is known again: one number if it has that, else several fields together.
func keyOf(record map[string]any, number string, fields ...string) string {
	if s, _ := record[number].(string); s != "" {
		return number + " " + s
	}
	all := make([]string, len(fields))
	for i, f := range fields {
		s, _ := record[f].(string)
		all[i] = folded(s)
	}
	return strings.Join(all, " | ")
}

// foldedWords are words of ours as they are folded. What files have is not kept.
var foldedWords sync.Map

// foldedOnce is folded, for a word of ours that the cells of many rows are compared with.
func foldedOnce(word string) string {
	if kept, ok := foldedWords.Load(word); ok {
		return kept.(string)
	}
	f := folded(word)
	foldedWords.Store(word, f)
	return f
}

// folded is a text as two people write it alike: small letters without accents, and one space where anything else is.
func folded(s string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn))), s)
	if err != nil {
		plain = s
	}
	return strings.Join(strings.FieldsFunc(strings.ToLower(plain), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}

// GuessColumns says which field each column of a header is, each field once; empty: none that is known. What was said
// of a heading before, by what it is folded to, goes before what it looks like.
func (k Kind) GuessColumns(header []string, said map[string]string) []string {
	fields := make([]string, len(header))
	known := make([]bool, len(header))
	taken := map[string]bool{}
	for i, head := range header {
		field, ok := said[folded(head)]
		if k.RefusedColumn(head) != "" {
			known[i] = true
			continue
		}
		if known[i] = ok && !taken[field] && (field == "" || k.Has(field)); known[i] && field != "" {
			fields[i], taken[field] = field, true
		}
	}
	guess := func(fits func(head, name string) bool) {
		for i, head := range header {
			for _, f := range k.Fields {
				if !known[i] && fields[i] == "" && !taken[f.Name] && slices.ContainsFunc(f.names(), func(name string) bool {
					return fits(folded(head), foldedOnce(name))
				}) {
					fields[i], taken[f.Name] = f.Name, true
				}
			}
		}
	}
	guess(func(head, name string) bool { return head == name })
	guess(func(head, name string) bool { return len(name) > 4 && apart(head, name) == 1 })
	return fields
}

// names are what a column of the field may be called.
func (f Field) names() []string { return append(strings.Split(f.others, ","), f.Label, f.Name) }

// Tells tells whether a field says to people which row it is.
func (k Kind) Tells(name string) bool {
	if k.shown != nil {
		return slices.Contains(k.shown, name)
	}
	first := slices.IndexFunc(k.Fields, func(f Field) bool { return f.Required })
	return name == externalID.Name || name == k.Fields[first].Name
}

// Has tells whether a kind has such a field.
func (k Kind) Has(name string) bool { _, ok := k.field(name); return ok }

// Missing is the label of the first field that every row needs and no column is; empty: none.
func (k Kind) Missing(fields []string) string {
	for _, f := range k.Fields {
		if f.Required && !slices.Contains(fields, f.Name) {
			return f.Label
		}
	}
	return ""
}

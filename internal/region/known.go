package region

// knownOrganization is one that documents, pictures and journeys know by name. All else about it is drawn like
// everywhere, except that it always has free times.
type knownOrganization struct {
	name, suffix, phone, about string
	street, zip                string
	lat, lon                   int // ten-thousandths of a degree
	languages, access          []string
	rating                     float32
	ratings, response          int
	people                     int // practitioners of the clinic
	prices                     map[string]int64
}

// The order is that of kinds: a clinic, a laboratory, a home-care agency.
var knownOrganizations = []knownOrganization{
	{
		name: "Fox Point Family Clinic", suffix: "Family Health", phone: "401-555-0106",
		about:  "Family doctors, a children's doctor and a midwife on Ives Street. We draw blood here too.",
		street: "90 Ives St", zip: "02906", lat: 418236, lon: -713930,
		languages: []string{"en", "es", "pt"}, access: []string{"step_free", "transit", "asl"},
		rating: 4.7, ratings: 386, response: 20, people: 10, prices: map[string]int64{"L01": 5500},
	},
	{
		name: "Wickenden Diagnostics", suffix: "Diagnostics", phone: "401-555-0112",
		about:  "Blood tests, swabs and imaging on Wickenden Street. Results in one day for most tests.",
		street: "212 Wickenden St", zip: "02903", lat: 418190, lon: -713996,
		languages: []string{"en", "es"}, access: []string{"step_free", "transit", "hearing_loop"},
		rating: 4.9, ratings: 1204, response: 35, prices: map[string]int64{"L01": 4000},
	},
	{
		name: "Blackstone Home Care", suffix: "Care at Home", phone: "401-555-0178",
		about:  "Nurses, therapists and caregivers who come to you, from Barrington to Woonsocket.",
		street: "15 Blackstone Blvd", zip: "02906", lat: 418372, lon: -713856,
		languages: []string{"en", "es", "ht"}, access: []string{"asl"},
		rating: 4.8, ratings: 640, response: 55, prices: map[string]int64{"L01": 6000},
	},
}

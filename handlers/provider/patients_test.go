package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/civil"
)

func TestThePatientIsFoundByWhateverTheDeskHears(t *testing.T) {
	site := atNoon(t)
	visit := site.VisitOf(t, site.Clinic(), site.Account(t, "Maria"), "María José O’Brien-García", 2)
	site.Clinic().SQL(t, `insert into appointment (id, ref, offering_id, status, holder, patient_id, resource_id, starts_at, ends_at, note)
		select gen_random_uuid(), 'KW-2222-222', offering_id, 'fulfilled', holder, patient_id, resource_id, starts_at - interval '40 days', ends_at - interval '40 days', '' from appointment where id = $1`, visit.ID)
	site.Visit(t, site.Clinic(), 1) // a neighbor, found by none of these
	site.Clinic().SQL(t, `update patient set phone = '+14015559999', email = 'other@example.test', born = '1990-01-02' where id <> $1`, visit.Patient)
	bob, own := site.Bob(t, "front_desk"), webtest.Workplace(site.Clinic())+"/patients"
	ref := strings.ReplaceAll(strings.TrimPrefix(visit.Ref, "KW-"), "-", "")
	for _, asked := range []string{"maria", "MARI", "garcia maria", "O'Brien", "obrien", "o`bri", "OʼBrien, Maria", "josé",
		"García", "401 555 0134", "(401) 555-0134", "+1 401.555.0134", "14015550134", "555-0134", "canary@EXAMPLE.test",
		"canary@", "3/27/1988",
		"03-27-1988", "1988-03-27", "27 March 1988", "March 27, 1988", visit.Ref, strings.ToLower(visit.Ref),
		ref, "kw " + ref[:4] + " " + ref[4:], strings.Join(strings.Split(ref, ""), " "), "3-27-88", "27.3.1988",
		"03271988", "maria 3/27/1988", "García 5550134", "555-0134 maria josé"} {
		a := bob.Find(own, "q", asked)
		if a.Status != http.StatusOK || !strings.Contains(a.Body, "1 person matches") ||
			!strings.Contains(a.Body, visit.Patient.String()) {
			t.Errorf("%q: %d, %s", asked, a.Status, a.Text())
		}
	}
	for _, asked := range []string{"arcia", "maria smith", "555-0135", "3/28/1988", "susan 3/27/1988",
		"smith 5550134", "KW-3333-333"} {
		bob.Find(own, "q", asked).Has(http.StatusOK, "Nobody on file here matches")
	}
	a := bob.Find(own, "q", "maria")
	last, next := site.Day(-38), site.Day(2)
	a.Has(http.StatusOK, "Last visit", "Next visit", inWords(last), inWords(next), "/contact")
	a.Lacks(own + "/" + visit.Patient.String() + `"`) // the record is not for the desk
	bob.Get(own + "/" + visit.Patient.String()).Has(http.StatusForbidden)
	card := bob.Get(own + "/" + visit.Patient.String() + "/contact")
	card.Has(http.StatusOK, "(401)\u00a0555\u20110134", "27 March 1988", "canary@example.test", inWords(next), visit.Ref)
	card.Has(http.StatusOK, "Skin check with Dr. Test", "1 Test St, Providence, RI 02906")
	card.Lacks("canary note")
	if n := audited(t, site, visit.Account, "read-contact"); n != 1 {
		t.Error("the look at the card was kept", n, "times")
	}
	if part := bob.HTMX().Post(own, "q", "maria"); part.Status != http.StatusOK {
		t.Error(part.Status)
	} else {
		part.IsPart("patients")
	}
}

func TestPeopleWhoMatchComeInPagesThoseWhoseNameBeginsSoFirst(t *testing.T) {
	site := webtest.Open(t)
	own := webtest.Workplace(site.Clinic()) + "/patients"
	site.Clinic().SQL(t, `insert into patient (id, name) select gen_random_uuid(), 'Zora Lima ' || n from generate_series(10, 34) n`)
	site.Clinic().SQL(t, `insert into patient (id, name) values (gen_random_uuid(), 'Anna Zora')`)
	bob, seen := site.Bob(t, "front_desk"), []string{}
	fields := []string{"q", "zora"}
	for range 3 {
		a := bob.Find(own, fields...)
		if a.Status != http.StatusOK {
			t.Fatal(a.Status, a.Text())
		}
		for _, cell := range a.All("th", "scope", "row") {
			seen = append(seen, cell.Text())
		}
		if !strings.Contains(a.Body, "Show more people") {
			break
		}
		fields = []string{"q", "zora", "place", a.Field("place"), "name", a.Field("name"), "id", a.Field("id")}
	}
	if len(seen) != 26 || seen[0] != "Zora Lima 10" || seen[25] != "Anna Zora" {
		t.Errorf("%d people: %v", len(seen), seen)
	}
	bob.Find(own, "q", "zora", "id", uuid.NewString(), "place", "7", "name", "x").Has(http.StatusUnprocessableEntity)
}

// inWords is a day as the pages write it.
func inWords(date string) string {
	d, _ := civil.ParseDate(date)
	return d.Text()
}

func TestAVisitOfTodayThatNobodyMarkedIsStillToComeAndNoLastOne(t *testing.T) {
	site := atNoon(t)
	visit := site.VisitOf(t, site.Clinic(), site.Account(t, "Maria"), "Maria Late", 0)
	site.Clinic().SQL(t, `update appointment set starts_at = starts_at - interval '20 minutes' where id = $1`, visit.ID)
	site.Clock.Forward(40 * time.Minute)
	bob, own := site.Bob(t, "front_desk"), webtest.Workplace(site.Clinic())+"/patients"
	found := bob.Find(own, "q", "late")
	for _, cell := range found.All("td", "data-label", "Last visit") {
		if cell.Text() != "" {
			t.Error("they were told to have come:", cell.Text())
		}
	}
	for _, cell := range found.All("td", "data-label", "Next visit") {
		if cell.Text() != inWords(visit.Day) {
			t.Error("not expected any more:", cell.Text())
		}
	}
	contact := own + "/" + visit.Patient.String() + "/contact"
	bob.Get(contact).Has(http.StatusOK, "Before you go: ")
	site.Clinic().SQL(t, `update appointment set visit_mode = 'video' where id = $1`, visit.ID)
	card := bob.Get(contact)
	card.Has(http.StatusOK, visit.Ref, "By video", "Before it begins: ")
	card.Lacks("Before you go")
	card.Lacks("Nothing more is booked", "/cancellation") // it has begun
	site.Clinic().SQL(t, `update appointment set status = 'arrived' where id = $1`, visit.ID)
	card.Lacks("Past and canceled visits")
	came := bob.Get(contact)
	came.Has(http.StatusOK, "Nothing more is booked", "Past and canceled visits", visit.Ref, "Here",
		"day="+visit.Day+"#visit-"+visit.ID.String())
	came.Lacks("canary note") // the record is not for the desk
}

func TestAReferenceThatIsReadOutShowsItsVisitHoweverItStands(t *testing.T) {
	site := atNoon(t)
	visit := site.VisitOf(t, site.Clinic(), site.Account(t, "Maria"), "Maria Done", -3)
	bob, own := site.Bob(t, "front_desk"), webtest.Workplace(site.Clinic())+"/patients"
	bob.Find(own, "q", visit.Ref).Has(http.StatusOK, visit.Ref+":", inWords(visit.Day), "Expected",
		"day="+visit.Day+"#visit-"+visit.ID.String())
	site.Clinic().SQL(t, `update appointment set visit_mode = 'video' where id = $1`, visit.ID)
	bob.Find(own, "q", visit.Ref).Has(http.StatusOK, "By video, ")
	bob.Get(own+"/"+visit.Patient.String()+"/contact").Has(http.StatusOK, "By video, ", visit.Ref+"</small> ")
	site.Clinic().SQL(t, `update appointment set status = 'cancelled', cancelled_by = 'patient', cancelled_why = 'time' where id = $1`,
		visit.ID)
	bob.Find(own, "q", visit.Ref).Has(http.StatusOK, visit.Ref+":", "Canceled")
	bob.Find(own, "q", "maria").Lacks(visit.Ref)
	site.Charlie(t).Find(webtest.Workplace(site.Other())+"/patients", "q", visit.Ref).Lacks(visit.Ref+":", "Canceled")
}

func TestWhoComesBackFromTheWrongPersonNeedNotTypeAgain(t *testing.T) {
	site := atNoon(t)
	visit := site.VisitOf(t, site.Clinic(), site.Account(t, "Maria"), "Maria Silva", 2)
	own := webtest.Workplace(site.Clinic()) + "/patients"
	bob, other := site.Bob(t, "front_desk"), site.Member(t, site.Clinic(), "Mona", "manager")
	if typed := bob.Get(own).Field("q"); typed != "" {
		t.Error("something stands in the field:", typed)
	}
	bob.Find(own, "q", "silva").Has(http.StatusOK, "1 person matches")
	card := bob.Get(own + "/" + visit.Patient.String() + "/contact")
	if n := len(card.All("a", "href", own)); n == 0 {
		t.Fatal("no way back")
	}
	back := bob.Get(own)
	back.Lacks("Maria Silva") // asked for, not looked at again
	if back.Field("q") != "silva" || strings.Contains(card.Body, "q=silva") {
		t.Errorf("%q stands in the field", back.Field("q"))
	}
	if typed := other.Get(own).Field("q"); typed != "" {
		t.Error("somebody else sees it:", typed)
	}
	bob.Employ(site.Other(), "front_desk")
	if typed := bob.Get(webtest.Workplace(site.Other()) + "/patients").Field("q"); typed != "" {
		t.Error("it is shown at another organization:", typed)
	}
}

func TestWhatIsFoundHasAnAddressThatSaysNothingOfWhoItIs(t *testing.T) {
	site := atNoon(t)
	visit := site.VisitOf(t, site.Clinic(), site.Account(t, "Maria"), "Maria Silva", 2)
	own := webtest.Workplace(site.Clinic()) + "/patients"
	bob, other := site.Bob(t, "front_desk"), site.Member(t, site.Clinic(), "Mona", "manager")
	sent := bob.Post(own, "q", "silva")
	sent.Has(http.StatusSeeOther, own+"?search=")
	if strings.Contains(sent.Location, "silva") {
		t.Error("the address says whom somebody looked for:", sent.Location)
	}
	for range 2 { // Back and Reload
		bob.Get(sent.Location).Has(http.StatusOK, "1 person matches", visit.Patient.String())
	}
	if again := bob.Post(own, "q", "silva"); again.Location != sent.Location {
		t.Error("the same search has another address:", again.Location)
	}
	if n := audited(t, site, visit.Account, "list"); n != 2 {
		t.Error("looks were kept:", n)
	}
	part := bob.HTMX().Post(own, "q", "Silva")
	part.IsPart("patients")
	bob.Get(part.Header.Get("HX-Push-Url")).Has(http.StatusOK, "1 person matches")
	theirs := other.Get(sent.Location)
	theirs.Has(http.StatusOK, "That search is not kept any more")
	theirs.Lacks("Maria Silva")
	bob.Employ(site.Other(), "front_desk")
	elsewhere := webtest.Workplace(site.Other()) + "/patients"
	bob.Get(strings.Replace(sent.Location, own, elsewhere, 1)).Lacks("Maria Silva", "silva")
	for n := range 20 {
		bob.Post(own, "q", "somebody "+strings.Repeat("x", n)).Has(http.StatusSeeOther)
	}
	bob.Get(sent.Location).Has(http.StatusOK, "That search is not kept any more")
}

func TestANameInOneWordOrTwoIsFoundAsItIsSaid(t *testing.T) {
	site := webtest.Open(t)
	own := webtest.Workplace(site.Clinic()) + "/patients"
	site.Clinic().SQL(t, `insert into patient (id, name) values (gen_random_uuid(), 'Filipe DaSilva'), (gen_random_uuid(), 'Rosa Di Biase')`)
	bob := site.Bob(t, "front_desk")
	for asked, name := range map[string]string{"Da Silva": "Filipe DaSilva", "da silva filipe": "Filipe DaSilva",
		"dibiase": "Rosa Di Biase", "di biase": "Rosa Di Biase", "dasilva": "Filipe DaSilva"} {
		bob.Find(own, "q", asked).Has(http.StatusOK, "1 person matches", name)
	}
	bob.Find(own, "q", "da sousa").Has(http.StatusOK, "Nobody on file here matches") // the control
}

func TestAPatientIsFoundByEveryWordOfTheNameInAnyPlace(t *testing.T) {
	site := webtest.Open(t)
	own := webtest.Workplace(site.Clinic()) + "/patients"
	names := []string{"María de los Ángeles García Moreno", "Ana María del Pilar Sánchez López",
		"Juan Pablo Óscar de la Santísima Trinidad Ruiz y Picasso", "Siobhán O‘Neill"}
	for _, name := range names {
		site.Clinic().SQL(t, `insert into patient (id, name) values (gen_random_uuid(), $1)`, name)
	}
	bob := site.Bob(t, "front_desk")
	for asked, name := range map[string]string{"García": names[0], "garcia maria": names[0], "moreno garcia": names[0],
		"angeles": names[0], "Sánchez": names[1], "sanchez pilar ana": names[1], "lopez": names[1], "trinidad": names[2],
		"ruiz juan": names[2], "picasso": names[2], "Santisima": names[2], "O'Neill": names[3], "neill": names[3],
		"o neill": names[3], "oʼneill siobhan": names[3]} {
		bob.Find(own, "q", asked).Has(http.StatusOK, "1 person matches", name)
	}
	bob.Find(own, "q", "garcia lopez").Has(http.StatusOK, "Nobody on file here matches")
	site.Clinic().SQL(t, `update patient set name = 'María Ferreira' where name = $1`, names[0])
	bob.Find(own, "q", "ferreira").Has(http.StatusOK, "1 person matches")
	bob.Find(own, "q", "garcia").Has(http.StatusOK, "Nobody on file here matches")
	site.Clinic().SQL(t, `delete from patient_name_word where word = 'ferreira'`) // the control
	bob.Find(own, "q", "ferreira").Has(http.StatusOK, "Nobody on file here matches")
}

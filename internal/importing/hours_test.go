package importing

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/queries/tenantdb"
)

func said(r reading) string {
	if r.wrong != "" {
		return strings.TrimRight("! "+r.wrong+" > "+r.fix, " >")
	}
	return fmt.Sprint(r.value)
}

func TestHoursAreReadAsPeopleWriteThemOrProposed(t *testing.T) {
	for cell, want := range map[string]string{
		"9-5": "[09:00-17:00]", "9:00 AM - 5:00 PM": "[09:00-17:00]", "9 a.m. to 5 p.m.": "[09:00-17:00]",
		"9–5": "[09:00-17:00]", "8-12, 1-5": "[08:00-12:00 13:00-17:00]",
		"8:30am-12pm & 1pm-4:45pm": "[08:30-12:00 13:00-16:45]",
		"09:00-17:00":              "[09:00-17:00]", "0900-1730": "[09:00-17:30]", "13:00-21:00": "[13:00-21:00]",
		"7-7":  "[07:00-19:00]",
		"12-4": "[12:00-16:00]", "9-5pm": "[09:00-17:00]", "1-5pm": "[13:00-17:00]", "9am-5": "[09:00-17:00]",
		"noon - 6 pm": "[12:00-18:00]", "6 pm - midnight": "[18:00-24:00]", "02:00-06:00": "[02:00-06:00]",
		"closed": "[]", "1-5": "! could be at night > 1 pm - 5 pm", "5-9": "! could be at night > 5 pm - 9 pm",
		"5pm-9am": "! ends before it begins. Hours over midnight are two", "9-5, 4-6": "! has stretches that overlap",
		"9": "! is no time from when to when, like 9:00 AM - 5:00 PM", "25-26": "! is no time from when to when, like 9:00 AM - 5:00 PM",
		"9:01-5": "! is to begin and end at a full five minutes",
	} {
		if got := said(windows(cell, nil)); got != want {
			t.Errorf("%s: %s, not %s", cell, got, want)
		}
	}
	for _, cell := range []string{"1 pm - 5 pm", "5 pm - 9 pm", "noon - 1 pm, 6 pm - midnight"} {
		all, guessed, wrong := readWindows(cell, -1)
		if wrong != "" || guessed || windowsText(all) != cell {
			t.Errorf("%s is read as %v %v %s", cell, all, guessed, wrong)
		}
	}
}

func TestDaysAreReadAsPeopleWriteThemOrProposed(t *testing.T) {
	const week = "[Monday Tuesday Wednesday Thursday Friday]"
	for cell, want := range map[string]string{
		"Mon-Fri": week, "Monday to Friday": week, "weekdays": week, "M-F": week, "Mo–Fr": week, "M,T,W,Th,F": week,
		"MTWThF": week, "mon tue wed thu fri": week, "Mon.-Fri.": week, "Mon, Wed and Fri": "[Monday Wednesday Friday]",
		"MWF": "[Monday Wednesday Friday]", "TTh": "[Tuesday Thursday]", "Saturdays": "[Saturday]",
		"Sat-Mon": "[Monday Saturday Sunday]",
		"weekend": "[Saturday Sunday]", "Mon, Mon": "[Monday]", "Tues/Thurs": "[Tuesday Thursday]",
		"daily":        "[Monday Tuesday Wednesday Thursday Friday Saturday Sunday]",
		"Wendesday":    "! has a day that is not spelled so > Wednesday",
		"Mon-Firday":   "! has a day that is not spelled so > Monday, Tuesday, Wednesday, Thursday, Friday",
		"Someday, Mon": "! has “someday”, which is no day of the week", ",": "! has no day of the week",
		"S": "! has “s”, which is no day of the week",
	} {
		if got := said(weekdays(cell, nil)); got != want {
			t.Errorf("%s: %s, not %s", cell, got, want)
		}
	}
}

const hoursFile = `Doctor,Office,Services,Days,Hours,Lunch,Sat,Valid until
Ana Ruiz,Main Stret,all,Mon-Fri,9-5,12-1,,
Ana Ruiz,Main Street,all,Mon-Fri,9-5,12-1,10-2,
Ana Ruiz,Main Street,all,Fri,4pm-6pm,,,
Ana Ruiz,Main Street,all,Mon,1-5,,,
Ana Ruiz,Second Street,all,Tue,10-11,,,
,Main Street,all,Mon,9-5,,,
Ana Ruiz,Main Street,all,Sun,9-5,,,2031-01-01
Ana Ruiz,Main Street,all,Sun,9-10,,,
Ana Ruiz,Main Street,dancing,Sun,9-10,,,
`

// at makes a clinic where Ana works at two locations, with one service.
func at(t *testing.T) *pgtest.Clinic {
	t.Helper()
	c := pgtest.Open(t).Clinic(t)
	c.Publish(t)
	c.SQL(t, `update location set name = 'Main Street'`)
	c.SQL(t, `insert into location (id, name, street, city, state, zip, lat, lon, zone)
		select gen_random_uuid(), 'Second Street', '2 B', city, state, zip, lat, lon, zone from location`)
	c.SQL(t, `insert into practitioner (id, name, specialty) values (gen_random_uuid(), 'Ana Ruiz, MD', 'Dentist')`)
	return c
}

func problems(t *testing.T, c *pgtest.Clinic, id uuid.UUID) (all []string) {
	t.Helper()
	rows, err := c.Queries(uuid.Nil).ImportRows(t.Context(), tenantdb.ImportRowsParams{BatchID: id, States: RowStates(),
		Most: part})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		all = append(all, fmt.Sprint(r.Line, " ", r.State, " ", r.Problem))
	}
	return all
}

func TestHoursOfAFileCanBeBookedAreThereOnceAndGoWithTheirImport(t *testing.T) {
	c := at(t)
	b := brought{t, c, stage(t, c, "hours", []byte(hoursFile))}
	want := []string{"2 wrong Location “Main Stret” is not spelled so.", "3 ready ",
		"4 wrong Hours overlap Friday, 1 pm to 5 pm, there on line 3.", "5 wrong Hours “1-5” could be at night.",
		"6 wrong Hours overlap Tuesday, 9 am to noon, at another location on line 3.", "7 wrong Practitioner is missing.",
		"8 wrong Valid until is an end, and hours have none. Leave it empty, and take the hours away then.", "9 ready ",
		"10 wrong Services “dancing” has “dancing”, which is no service here."}
	for i, got := range problems(t, c, b.id) {
		if got != want[i] {
			t.Errorf("%q, not %q", got, want[i])
		}
	}
	const rules = `select count(*) from schedule_rule r join schedule s on s.id = r.schedule_id join practitioner p
		on p.id = s.practitioner_id where p.name = 'Ana Ruiz, MD'`
	if err := b.run(); err != nil || pgtest.Value[int](t, c, rules) != 13 {
		t.Fatalf("%v; %d of 13 hours are there", err, pgtest.Value[int](t, c, rules))
	}
	if n := pgtest.Value[int](t, c, `select count(*) from market.listing where tenant_id = $1 and practitioner = 'Ana Ruiz, MD'
		and live`, c.ID); n != 1 {
		t.Errorf("%d listings can be found", n)
	}
	again := stage(t, c, "hours", []byte(hoursFile))
	if got := counts(t, c, again); got != "same 2, wrong 7" {
		t.Error("once more:", got, problems(t, c, again))
	}
	saturday := time.Now().AddDate(0, 0, 7+(6-int(time.Now().Weekday())+7)%7)
	c.SQL(t, `insert into appointment (id, ref, holder, offering_id, resource_id, starts_at, ends_at, status, held_until)
		select gen_random_uuid(), 'KW-2222-222', gen_random_uuid(), o.id, x.resource_id, at.s, at.s + interval '20 minutes', 'held',
		now() + interval '1 hour'
		from offering o join offering_resource x on x.offering_id = o.id join practitioner p on p.id = o.practitioner_id
		join location l on l.id = o.location_id,
		lateral (select ($1::date + time '11:00') at time zone l.zone as s) at where p.name = 'Ana Ruiz, MD'`,
		saturday.Format(time.DateOnly))
	if err := b.undo(); err != nil || counts(t, c, b.id) != "kept 1, undone 1, wrong 7" {
		t.Errorf("undone: %v, %s", err, counts(t, c, b.id))
	}
	if n := pgtest.Value[int](t, c, rules); n != 12 {
		t.Errorf("%d hours are left, not those of the line in which a visit is booked", n)
	}
}

func TestHoursForWhichThereIsNoRoomAreLeftOutAndTheImportEnds(t *testing.T) {
	c := at(t)
	file := []byte("Doctor,Office,Services,Days,Hours\nAna Ruiz,Main Street,all,Mon,9-5\n")
	b := brought{t, c, stage(t, c, "hours", file)}
	c.SQL(t, `insert into offering (id, service_id, location_id, schedule_id, practitioner_id) select gen_random_uuid(),
		o.service_id, o.location_id, o.schedule_id, o.practitioner_id from offering o, generate_series(1, 10000) limit 9999`)
	if err := b.run(); err != nil || b.stands() != "done [practitioner location services days hours] wrong 1" {
		t.Errorf("%v, %s", err, b.stands())
	}
	c.SQL(t, `delete from offering o where not exists (select 1 from offering_resource x where x.offering_id = o.id)`)
	if err := b.check(); err != nil || counts(t, c, b.id) != "ready 1" {
		t.Errorf("the control, with room: %v, %s", err, counts(t, c, b.id))
	}
}

func TestHoursOfWhatIsGoneMeanwhileAreLeftOut(t *testing.T) {
	c := at(t)
	b := brought{t, c, stage(t, c, "hours", []byte("Doctor,Office,Services,Days,From,To\n"+
		"Ana Ruiz,Main Street,all,Mon,9,5\nAna Ruiz,Second Street,all,Tue,9,5\n"))}
	c.SQL(t, `delete from location where name = 'Second Street'`)
	if err := b.run(); err != nil || counts(t, c, b.id) != "added 1, same 1" {
		t.Errorf("%v, %s", err, counts(t, c, b.id))
	}
	if err := b.undo(); err != nil || counts(t, c, b.id) != "same 1, undone 1" {
		t.Errorf("undone: %v, %s", err, counts(t, c, b.id))
	}
}

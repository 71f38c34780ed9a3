package importing

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"kindward/internal/money"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
)

var modes = map[string]string{"clinic": "clinic", "at the clinic": "clinic", "at the location": "clinic",
	"in person": "clinic", "office": "clinic", "on site": "clinic", "video": "video", "by video": "video",
	"telehealth": "video", "virtual": "video", "online": "video", "home": "home", "at home": "home",
	"at the patient s home": "home", "house call": "home", "phone": "phone", "by phone": "phone", "telephone": "phone"}

var answers = map[string]string{"yes": "yes", "y": "yes", "true": "yes", "1": "yes", "x": "yes", "no": "no", "n": "no",
	"false": "no", "0": "no"}

func yesOrNo(s string, known *Known) reading {
	r := oneOf(answers)(s, known)
	if r.wrong == "" {
		r.value = r.value == "yes"
	}
	return r
}

// reason is what people come for, by one of its names.
func reason(s string, known *Known) reading {
	word, near, nearest := folded(s), "", 3
	var same []Reason
	for _, r := range known.Reasons {
		for _, name := range append([]string{r.Name, r.Code}, r.Names...) {
			d := known.apart(word, foldedOnce(name))
			switch {
			case d == 0 && name == r.Name:
				return reading{value: r.Code}
			case d == 0:
				same = append(same, r)
			case d < nearest && len(name) > 5:
				near, nearest = r.Name, d
			}
		}
	}
	switch {
	case len(same) == 1 || len(same) > 1 && same[0].Code == same[len(same)-1].Code:
		return reading{value: same[0].Code}
	case len(same) > 1:
		return reading{wrong: "can be " + same[0].Name + " or " + same[1].Name + ". Say which"}
	case near != "":
		return reading{wrong: "is not spelled so", proposal: DidYouMean, fix: near}
	}
	return reading{wrong: "is nothing that patients come for here by that name"}
}

// dollars are an amount as price lists have it: 120, $1,200.00, USD 85.50.
var dollars = regexp.MustCompile(`^(?:USD|US\$|\$)? ?([0-9]{1,6}|[0-9]{1,3},[0-9]{3})(?:\.([0-9]{1,2}))?(?: ?(?:USD|\$))?$`)

const mostCents = 100_000_00

func price(s string, _ *Known) reading {
	m := dollars.FindStringSubmatch(strings.ToUpper(s))
	if m == nil {
		return reading{wrong: "is no price in dollars like 120 or 85.50"}
	}
	cents, err := strconv.ParseInt(strings.ReplaceAll(m[1], ",", "")+(m[2] + "00")[:2], 10, 64)
	if err != nil || cents > mostCents {
		return reading{wrong: "is more than a visit may cost"}
	}
	return reading{value: cents}
}

// service adds to what patients come for what follows from it.
func service(record map[string]any, known *Known) (string, reading) {
	code, _ := record["reason_code"].(string)
	reason := known.Reasons[slices.IndexFunc(known.Reasons, func(r Reason) bool { return r.Code == code })]
	record["name"], record["prep"] = reason.Name, reason.Prep
	if record["minutes"] == nil {
		record["minutes"] = reason.Minutes
	}
	usual := venue.AtClinic
	if known.AtHome {
		usual = venue.AtHome
	}
	mode, _ := record["visit_mode"].(string)
	record["visit_mode"] = cmp.Or(mode, string(usual))
	if record["telehealth"] == true && record["visit_mode"] != string(venue.AtClinic) {
		return "telehealth", reading{wrong: "is said of visits at the location, and these are elsewhere"}
	}
	record["telehealth"] = record["telehealth"] == true
	return "", reading{}
}

// otherPrice says of a row of a service that is there whether it changes its price, from what to what.
func (c *checker) otherPrice(v Verdict, was *int64) Verdict {
	now, said := v.Record["price_cents"].(int64)
	switch {
	case !said || was != nil && *was == now:
		return v
	case c.over:
		v.Problem = "Was here already. Its price stays as it is: bring the file in anew to change it."
		return v
	}
	before := "none"
	if was != nil {
		before = money.Of(*was, money.USD).String()
	}
	v.State, v.Problem = Ready, "Changes its price: "+before+" → "+money.Of(now, money.USD).String()+"."
	v.Record["changes"], v.Record["was_cents"] = true, was
	return v
}

// addServices adds services, and changes the prices of those whose rows say so.
func addServices(ctx context.Context, to target, rows []imported) ([]uuid.UUID, error) {
	changed, fresh := divided(rows)
	ids, err := adds("Service", (*tenantdb.Queries).ImportServices)(ctx, to, fresh)
	if err != nil {
		return nil, err
	}
	changes, err := to.q.ChangeServicePrices(ctx, records(changed))
	return append(ids, changes...), err
}

func removeServices(ctx context.Context, from target, rows []imported) ([]uuid.UUID, error) {
	changed, fresh := divided(rows)
	ids, err := from.q.RemoveServices(ctx, idsOf(fresh))
	if err != nil {
		return nil, err
	}
	restored, err := from.q.RestoreServicePrices(ctx, records(changed))
	return append(ids, restored...), err
}

// divided are the rows that change what was there before, and the others.
func divided(rows []imported) (changed, fresh []imported) {
	for _, r := range rows {
		if r.record["changes"] == true {
			changed = append(changed, r)
		} else {
			fresh = append(fresh, r)
		}
	}
	return changed, fresh
}

package importing

import (
	"slices"
	"strings"
)

// refusals are words of headings over what we keep of nobody, with why.
var refusals = []struct {
	why   string
	words []string
}{
	{"It speaks of health", strings.Split("diagnosis,diagnoses,dx,icd,icd 10,icd10,problem,problems,problem list,condition,"+
		"conditions,medication,medications,meds,drug,drugs,rx,prescription,prescriptions,allergy,allergies,note,notes,"+
		"comment,comments,remark,remarks,reason,reason for visit,chief complaint,complaint,symptom,symptoms,history,"+
		"medical history,treatment,treatments,procedure,procedures,lab,labs,result,results,test,tests,immunization,"+
		"immunizations,vaccine,vaccines,pregnant,pregnancy,weight,height,bmi,smoker,smoking,blood,blood type,disability,"+
		"alert,alerts,risk,health,clinical,referral", ",")},
	{"It says how somebody is insured", strings.Split("insurance,insured,member id,member number,policy,policy number,"+
		"group number,subscriber,payer,payor,plan,medicare,medicaid,mbi,copay", ",")},
	{"It is a number of the government", strings.Split("ssn,social security,social security number,sin,driver license,"+
		"drivers license,driver s license,passport", ",")},
	{"It says more of somebody than a visit needs", strings.Split("race,ethnicity,religion,sexual orientation,"+
		"immigration status,citizenship", ",")},
}

// RefusedColumn says why a column of a file is not kept, by its heading; empty: it is kept.
func (k Kind) RefusedColumn(heading string) string {
	if k.Name != Patients {
		return ""
	}
	phrase := " " + folded(heading) + " "
	for _, r := range refusals {
		if slices.ContainsFunc(r.words, func(word string) bool { return strings.Contains(phrase, " "+word+" ") }) {
			return r.why
		}
	}
	return ""
}

// forget empties what is kept of nobody before anything of a file is.
func (t table) forget(k Kind) {
	if k.Name != Patients {
		return
	}
	for i, heading := range t.header {
		why := k.RefusedColumn(heading)
		for _, r := range t.rows {
			if socialSecurity.MatchString(r.Cells[i]) {
				r.Cells[i] = notKept
			}
			if why != "" {
				r.Cells[i] = ""
			}
		}
	}
}

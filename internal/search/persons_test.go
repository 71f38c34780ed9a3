package search

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestOfTheWordsThatServicesAreSearchedByOnlyTheseArePersons(t *testing.T) {
	want := "acupuncturist aide audiologist cardiologist cardiologo caregiver carer chiropractor cna companion " +
		"consejero counsellor counselor cuidador cuidadora dentist dentista derm dermatologist dermatologo " +
		"dietician dietitian doctor doctora doctors doula dr endocrinologist enfermera enfermero " +
		"gastroenterologist ginecologa ginecologo gp gyn gynaecologist gynecologist gyno hepatologist hha " +
		"hygienist immunologist internist lpn md medica medico midwife nephrologist neurologist nurse " +
		"nutricionista nutritionist ob obgyn obstetrician oculista oncologist ophthalmologist optician " +
		"optometrist orthodontist orthopedist otolaryngologist paediatrician partera pathologist pcp pediatra " +
		"pediatrician phlebotomist physician physio physiotherapist podiatrist practitioner psicologa " +
		"psicologo psiquiatra psychiatrist psychologist pulmonologist radiologist respirologist " +
		"rheumatologist rn shrink sitter specialist surgeon terapeuta therapist trainer urologist"
	found := map[string]bool{}
	for _, row := range mustRows("words/services.csv", 4) {
		for _, w := range strings.Fields(fold(strings.Join(row, " "))) {
			if isPerson(w) {
				found[w] = true
			}
		}
	}
	if got := strings.Join(slices.Sorted(maps.Keys(found)), " "); got != want {
		t.Errorf("a word of a complaint is no person; found\n%s, want\n%s", got, want)
	}
}

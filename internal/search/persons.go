package search

import "strings"

// persons are the words that say who somebody is whom patients see. How a word ends says it of the fields of medicine
// alone ("cardiologist", "pediatrician"): "-er" and "-or" are of ulcers and tumors, "-ist" of wrists.
var persons = setOf(`doctor doctors docter dr md physician physicians physican provider providers practitioner practitioners
	specialist specialists clinician gp pcp internist surgeon surgeons dentist dentists dentis hygienist
	orthodontist nurse nurses rn lpn np pa midwife midwives doula counselor counselors counsellor counsellors
	councelor therapist therapists physiotherapist physio chiropractor chiropractors coach dietitian dietician
	nutritionist nutritionists pharmacist phlebotomist orthopedist acupuncturist masseuse trainer caregiver
	caregivers carer carers aide aides cna hha companion sitter sitters helper shrink gyno gynecologo
	gynaecologist obgyn ob gyn obstetrician derm optician audiologist medico medica doctora dentista enfermera
	enfermero terapeuta psicologo psicologa psiquiatra ginecologo ginecologa pediatra cardiologo dermatologo
	cuidador cuidadora partera nutricionista especialista oculista consejera consejero`)

// fields may stand between what a person is and the word for them: "female family doctor", "male physical therapist".
var fields = setOf("primary care family general mental health physical occupational speech massage foot eye skin baby " +
	"kids childrens pediatric home night nurse womens licensed certified good best")

// person tells whether a word of a person stands at i, or behind the words for what they do.
func (h *hinted) person(i int) bool {
	for fields[h.word(i)] && !isPerson(h.word(i)) {
		i++
	}
	return isPerson(h.word(i))
}

func isPerson(w string) bool {
	return persons[w] ||
		hasAnySuffix(strings.TrimSuffix(w, "s"), "ologist", "iatrist", "iatrician", "ometrist", "ographer")
}

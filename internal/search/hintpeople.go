package search

import (
	"slices"
	"strings"
)

// plans are words for insurance that name none of the plans of a region.
var plans = setOf("medicaid medicare medicade insurance insured aetna cigna humana kaiser tricare masshealth bcbs bluecross " +
	"blueshield anthem unitedhealthcare uhc ppo hmo copay seguro obamacare")

// ownPurse are words for paying without insurance, the longer ones first.
var ownPurse = wordLists(`i do not have insurance;i dont have insurance;do not have insurance;dont have insurance;
	have no insurance;without any insurance;without health insurance;without insurance;no health insurance;no insurance;
	not insured;uninsured;paying out of pocket;pay out of pocket;out of pocket;i pay myself;paying myself;pay myself;
	paying cash;pay cash;cash price;cash pay;self pay;selfpay;no tengo seguro;sin seguro medico;sin seguro`)

func wordLists(lines string) (all [][]string) {
	for _, line := range strings.Split(lines, ";") {
		all = append(all, strings.Fields(line))
	}
	return all
}

// withoutPlan takes the words that say that the patient pays.
func (h *hinted) withoutPlan() bool {
	for _, said := range ownPurse {
		for i := 0; i+len(said) <= len(h.words); i++ {
			if slices.Equal(h.words[i:i+len(said)], said) {
				h.cut(h.before(i), i+len(said))
				return true
			}
		}
	}
	return false
}

// payer takes the name of a plan, or its first word where no other plan and nothing else begins so. Whoever pays
// without one has the payer who is the patient, where the region has that.
func (h *hinted) payer() {
	if h.withoutPlan() {
		if at := slices.IndexFunc(h.ix.payers, func(p Payer) bool { return p.Kind == SelfPay }); at >= 0 {
			h.Payer = h.ix.payers[at].ID
		}
		return
	}
	text := " " + strings.Join(h.words, " ") + " "
	for _, p := range h.ix.payers {
		name := fold(p.Name)
		if at := strings.Index(text, " "+name+" "); at >= 0 && name != "" {
			from := len(strings.Fields(text[:at]))
			h.Payer = p.ID
			h.cut(h.before(from), from+len(strings.Fields(name)))
			return
		}
	}
	for i, w := range h.words {
		if id := h.planOf(w); id != "" {
			h.Payer = id
			h.cut(h.before(i), i+1)
			return
		}
	}
	for i := 0; i < len(h.words); i++ {
		if plans[h.words[i]] {
			h.plan = h.words[i]
			from := h.before(i)
			h.cut(from, i+1)
			i = from - 1
		}
	}
}

// planOf is the one plan whose name begins with a word that is no other of ours.
func (h *hinted) planOf(w string) (id string) {
	if len(w) < 5 || h.ix.lexicon.written[w] || len(h.ix.zipCodes.byTown[w]) > 0 {
		return ""
	}
	for _, p := range h.ix.payers {
		if first, _, _ := strings.Cut(fold(p.Name), " "); first == w {
			if id != "" {
				return ""
			}
			id = p.ID
		}
	}
	return id
}

var (
	sexWords = map[string]string{"female": "female", "woman": "female", "lady": "female", "male": "male", "man": "male"}
	speaking = setOf("speaking speaks speak spoken hable habla hablen")
	ownNames = map[string]string{"espanol": "es", "portugues": "pt", "creole": "ht", "kreyol": "ht"}
)

// people takes what is said of the clinician: a language that is spoken, a woman or a man.
func (h *hinted) people() {
	for i := 0; i < len(h.words); i++ {
		w, next := h.words[i], h.word(i+1)
		if code := languageCode(w); code != "" {
			switch {
			case speaking[next]:
				h.speaks(code, i, i+2)
			case speaking[h.word(i-1)]:
				h.speaks(code, i-1, i+1)
			case h.person(i + 1), h.word(i-1) == "in", h.word(i-1) == "en", i == len(h.words)-1 && h.asks(h.words[:i]):
				h.speaks(code, i, i+1)
			}
			return
		}
		if sex := sexWords[w]; sex != "" && h.person(i+1) {
			h.Genders = []string{sex}
			h.cut(i, i+1)
			return
		}
	}
}

var (
	videoWords = setOf("video telehealth telemedicine zoom facetime virtual virtually online videollamada")
	videoNouns = setOf("visit visits call appointment appt consultation consult chat session")
	videoLeads = setOf("by on over via through a an with in por para for")
)

// video takes the way to meet, where the question has a reason besides: "video visit for a cough".
func (h *hinted) video() {
	for i, w := range h.words {
		if !videoWords[w] {
			continue
		}
		from, to := i, i+1
		for from > 0 && videoLeads[h.words[from-1]] {
			from--
		}
		for videoNouns[h.word(to)] {
			to++
		}
		for from == 0 && videoLeads[h.word(to)] {
			to++
		}
		rest := slices.Concat(h.words[:from], h.words[to:])
		if h.asks(rest) {
			h.Video, h.words = true, rest
		}
		return
	}
}

// asks tells whether words say what somebody needs.
func (h *hinted) asks(words []string) bool {
	return h.ix.lexicon.ask(h.ix.lexicon.wordsIn(strings.Join(words, " "))).content > 0
}

func (h *hinted) speaks(code string, from, to int) {
	h.Languages = []string{code}
	h.cut(h.before(from), to)
}

func languageCode(w string) string {
	if code := ownNames[w]; code != "" {
		return code
	}
	i := slices.IndexFunc(languages, func(l labeled) bool { return strings.EqualFold(l.label, w) })
	if i < 0 {
		return ""
	}
	return languages[i].code
}

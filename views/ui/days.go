package ui

import (
	"context"
	"io"
	"strconv"
	"sync"

	"github.com/a-h/templ"
)

// Times are the hot path of a search page, 400 of them on one page, so they are appended to one
// buffer by hand instead of by a template: 5,600 allocations a page became 830, and the time a
// third. A test holds that what people typed is escaped here as everywhere.

func slots(all []Slot) templ.Component {
	return written(func(b []byte) []byte {
		for i := range all {
			b = all[i].append(b)
		}
		return b
	})
}

// days are the cells of one row of a timetable.
func days(all []Day) templ.Component {
	return written(func(b []byte) []byte {
		for i := range all {
			b = all[i].append(b)
		}
		return b
	})
}

// scratch keeps the buffers between rows; a row of five days is about 4 kB.
var scratch = sync.Pool{New: func() any {
	b := make([]byte, 0, 8<<10)
	return &b
}}

func written(appended func([]byte) []byte) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		kept := scratch.Get().(*[]byte)
		defer scratch.Put(kept)
		*kept = appended((*kept)[:0])
		_, err := w.Write(*kept)
		return err
	})
}

func (d *Day) append(b []byte) []byte {
	b = append(b, `<div class="day">`...)
	if d.None != "" {
		b = append(b, `<span class="none"><span class="sr">`...)
		b = escape(b, d.Name)
		b = append(b, `: </span>`...)
		b = escape(b, d.None)
		return append(b, `</span></div>`...)
	}
	for i := range d.Slots {
		b = d.Slots[i].append(b)
	}
	if d.More > 0 {
		b = append(b, `<a class="more" href="`...)
		b = escape(b, string(templ.URL(d.Href)))
		b = append(b, `" aria-label="`...)
		b = escape(b, d.Label)
		b = append(b, `">`...)
		b = strconv.AppendInt(b, int64(d.More), 10)
		b = append(b, ` more</a>`...)
	}
	return append(b, `</div>`...)
}

func (s *Slot) append(b []byte) []byte {
	switch s.State {
	case Taken:
		b = append(b, `<span class="slot taken">`...)
		b = escape(b, s.Text)
		b = append(b, `<span class="sr"> is taken: `...)
		b = escape(b, s.Label)
		return append(b, `</span></span>`...)
	case Mine:
		b = append(b, `<a class="slot mine" href="`...)
		b = escape(b, string(templ.URL(s.Href)))
		b = append(b, `">`...)
		b = escape(b, s.Text)
		b = append(b, ` <small>yours</small><span class="sr">: `...)
		b = escape(b, s.Label)
		return append(b, `</span></a>`...)
	}
	class := `<button type="submit" class="slot" name="start" value="`
	if s.State == Soonest {
		class = `<button type="submit" class="slot soonest" name="start" value="`
	}
	b = append(b, class...)
	b = escape(b, s.Value)
	if s.form != "" {
		b = append(b, `" form="`...)
		b = escape(b, s.form)
		b = append(b, `" formaction="`...)
		b = escape(b, string(templ.URL(s.action)))
	}
	b = append(b, `" aria-label="`...)
	b = escape(b, s.Label)
	b = append(b, `">`...)
	b = escape(b, s.Text)
	return append(b, `</button>`...)
}

// codes are the characters that mean something to HTML, in text and in quoted attributes.
var codes = [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;"}

// escape appends text so that it stays text.
func escape(b []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		if code := codes[s[i]]; code != "" {
			b = append(append(b, s[from:i]...), code...)
			from = i + 1
		}
	}
	return append(b, s[from:]...)
}

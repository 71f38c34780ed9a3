// Package money has amounts: whole minor units of a currency, never a fraction of one, never a floating-point number.
package money

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Currency is a code of ISO 4217, such as USD.
type Currency string

// The currencies that we may meet.
const (
	USD Currency = "USD"
	EUR Currency = "EUR"
	GBP Currency = "GBP"
	CAD Currency = "CAD"
	MXN Currency = "MXN"
	JPY Currency = "JPY"
)

// known has the minor-unit digits of ISO 4217 and how an American page writes the currency (Unicode CLDR, locale
// en-US).
var known = map[Currency]struct {
	digits int
	symbol string
}{
	USD: {2, "$"}, EUR: {2, "€"}, GBP: {2, "£"}, CAD: {2, "CA$"}, MXN: {2, "MX$"}, JPY: {0, "¥"},
}

// Digits are the decimal places of the minor unit: 2 for cents, 0 for yen. A currency that we do not know has 2, as
// most have.
func (c Currency) Digits() int {
	if k, ok := known[c]; ok {
		return k.digits
	}
	return 2
}

// Known reports whether we know the currency's digits and symbol.
func (c Currency) Known() bool { _, ok := known[c]; return ok }

// Amount is a sum of money, or a debt if it is negative.
type Amount struct {
	Minor    int64 // cents of a dollar, yen
	Currency Currency
}

// What cannot be computed or read.
var (
	ErrCurrency = errors.New("amounts of two currencies")
	ErrOverflow = errors.New("an amount too large to count")
	ErrWhole    = errors.New("not a whole number of money, like 50")
)

// Of is an amount in minor units: Of(4250, USD) is $42.50.
func Of(minor int64, c Currency) Amount { return Amount{minor, c} }

// ParseWhole reads an amount in whole major units as people type it, with or without the symbol and commas: 50, $50,
// 1,200.
func ParseWhole(text string, c Currency) (Amount, error) {
	clean := strings.NewReplacer(",", "", " ", "")
	if k, ok := known[c]; ok {
		clean = strings.NewReplacer(k.symbol, "", ",", "", " ", "")
	}
	units, err := strconv.ParseInt(clean.Replace(text), 10, 64)
	if err != nil && errors.Is(err, strconv.ErrRange) {
		return Amount{}, fmt.Errorf("%w: %.20q", ErrOverflow, text)
	}
	if err != nil {
		return Amount{}, fmt.Errorf("%w: %.20q", ErrWhole, text)
	}
	one := scale(c.Digits())
	if units > math.MaxInt64/one || units < math.MinInt64/one {
		return Amount{}, fmt.Errorf("%w: %.20q", ErrOverflow, text)
	}
	return Amount{units * one, c}, nil
}

// Add is the sum. ErrCurrency if the currencies differ, ErrOverflow if the sum cannot be counted.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, fmt.Errorf("%w: %s, %s", ErrCurrency, a.Currency, b.Currency)
	}
	sum := a.Minor + b.Minor
	if (sum > a.Minor) != (b.Minor > 0) {
		return Amount{}, fmt.Errorf("%w: %s and %s", ErrOverflow, a, b)
	}
	return Amount{sum, a.Currency}, nil
}

// Compare is -1 if a is less than b, 0 if they are equal, +1 if a is more. ErrCurrency if the currencies differ.
func (a Amount) Compare(b Amount) (int, error) {
	if a.Currency != b.Currency {
		return 0, fmt.Errorf("%w: %s, %s", ErrCurrency, a.Currency, b.Currency)
	}
	return cmp.Compare(a.Minor, b.Minor), nil
}

// String is the amount as a price stands in a sentence, without a minor unit of nothing: "$42", "$42.50", "−$1,200".
func (a Amount) String() string { return a.text(false) }

// Exact is the amount as it stands on a bill, with its minor unit always: "$42.00".
func (a Amount) Exact() string { return a.text(true) }

func (a Amount) text(exact bool) string {
	digits := a.Currency.Digits()
	one := uint64(scale(digits))
	size := uint64(a.Minor)
	var out []byte
	if a.Minor < 0 {
		out, size = append(out, "−"...), -size
	}
	out = grouped(append(out, a.Currency.sign()...), size/one)
	if minor := size % one; digits > 0 && (exact || minor > 0) {
		out = fmt.Appendf(out, ".%0*d", digits, minor)
	}
	return string(out)
}

// sign stands before the number: a symbol, or the code of a currency that we do not know.
func (c Currency) sign() string {
	if k, ok := known[c]; ok {
		return k.symbol
	}
	if c == "" {
		return ""
	}
	return string(c) + "\u00a0"
}

// Grouped is a whole number as people write it, its thousands parted: "1,234". Not below zero.
func Grouped(n int) string { return string(grouped(nil, uint64(max(n, 0)))) }

// scale is how many minor units a major one has.
func scale(digits int) int64 {
	n := int64(1)
	for range digits {
		n *= 10
	}
	return n
}

// grouped appends a number with its thousands parted: 1,234,567.
func grouped(dst []byte, n uint64) []byte {
	s := strconv.FormatUint(n, 10)
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, s[i])
	}
	return dst
}

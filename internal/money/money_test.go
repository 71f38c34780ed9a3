package money

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"testing/quick"
)

func TestAnAmountIsWrittenAsItsCurrencyIs(t *testing.T) {
	for _, c := range []struct {
		amount        Amount
		price, onBill string
	}{
		{Of(15000, USD), "$150", "$150.00"},
		{Of(14950, USD), "$149.50", "$149.50"},
		{Of(5, USD), "$0.05", "$0.05"},
		{Of(0, USD), "$0", "$0.00"},
		{Of(99999, USD), "$999.99", "$999.99"},
		{Of(100000, USD), "$1,000", "$1,000.00"},
		{Of(123456789, USD), "$1,234,567.89", "$1,234,567.89"},
		{Of(-5, USD), "−$0.05", "−$0.05"},
		{Of(-120000, USD), "−$1,200", "−$1,200.00"},
		{Of(4200, EUR), "€42", "€42.00"},
		{Of(4250, GBP), "£42.50", "£42.50"},
		{Of(4200, CAD), "CA$42", "CA$42.00"},
		{Of(4200, MXN), "MX$42", "MX$42.00"},
		{Of(4200, JPY), "¥4,200", "¥4,200"},
		{Of(4200, "CHF"), "CHF\u00a042", "CHF\u00a042.00"},
		{Of(4200, ""), "42", "42.00"},
		{Of(math.MaxInt64, JPY), "¥9,223,372,036,854,775,807", "¥9,223,372,036,854,775,807"},
		{Of(math.MinInt64, USD), "−$92,233,720,368,547,758.08", "−$92,233,720,368,547,758.08"},
	} {
		if got := c.amount.String(); got != c.price {
			t.Errorf("%d %s is %s, not %s", c.amount.Minor, c.amount.Currency, got, c.price)
		}
		if got := c.amount.Exact(); got != c.onBill {
			t.Errorf("%d %s is exactly %s, not %s", c.amount.Minor, c.amount.Currency, got, c.onBill)
		}
	}
}

func TestOnlyWholeMoneyIsRead(t *testing.T) {
	for text, want := range map[string]int64{"50": 5000, "$50": 5000, " $ 1,200 ": 120000, "0": 0, "-3": -300,
		"92233720368547758": 9223372036854775800} {
		if got, err := ParseWhole(text, USD); err != nil || got != Of(want, USD) {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", " ", "$", "49.50", "fifty", "€50", "5e3", "0x10", "５０"} {
		if got, err := ParseWhole(text, USD); !errors.Is(err, ErrWhole) || got != (Amount{}) {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"92233720368547759", "-92233720368547759", "9223372036854775808",
		strings.Repeat("9", 1000)} {
		if got, err := ParseWhole(text, USD); !errors.Is(err, ErrOverflow) || got != (Amount{}) {
			t.Errorf("%.20q is %v, %v", text, got, err)
		}
	}
	if got, err := ParseWhole("¥1,500", JPY); err != nil || got != Of(1500, JPY) {
		t.Error(got, err)
	}
	if got, err := ParseWhole("15", "CHF"); err != nil || got != Of(1500, "CHF") {
		t.Error(got, err)
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	back := func(units int32) bool {
		for c := range known {
			a := Of(int64(units)*scale(c.Digits()), c)
			if units < 0 {
				continue // the page's minus sign is none that people type
			}
			if got, err := ParseWhole(a.String(), c); err != nil || got != a {
				return false
			}
		}
		return true
	}
	if err := quick.Check(back, nil); err != nil {
		t.Error(err)
	}
}

func TestASumIsRightOrRefused(t *testing.T) {
	agrees := func(a, b int64) bool {
		got, err := Of(a, USD).Add(Of(b, USD))
		want := new(big.Int).Add(big.NewInt(a), big.NewInt(b))
		if !want.IsInt64() {
			return errors.Is(err, ErrOverflow) && got == Amount{}
		}
		return err == nil && got == Of(want.Int64(), USD)
	}
	edges := []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64 - 1, math.MaxInt64}
	for _, a := range edges {
		for _, b := range edges {
			if !agrees(a, b) {
				t.Errorf("%d and %d", a, b)
			}
		}
	}
	if err := quick.Check(agrees, nil); err != nil {
		t.Error(err)
	}
}

func TestOnlyAmountsOfOneCurrencyAreComparedOrAdded(t *testing.T) {
	dollar, yen := Of(100, USD), Of(100, JPY)
	if _, err := dollar.Add(yen); !errors.Is(err, ErrCurrency) {
		t.Error(err)
	}
	if _, err := dollar.Compare(yen); !errors.Is(err, ErrCurrency) {
		t.Error(err)
	}
	for b, want := range map[int64]int{99: 1, 100: 0, 101: -1, math.MinInt64: 1, math.MaxInt64: -1} {
		if got, err := dollar.Compare(Of(b, USD)); err != nil || got != want {
			t.Errorf("100 against %d is %d, %v", b, got, err)
		}
	}
}

func TestMinorUnitsAreThoseOfISO4217(t *testing.T) {
	for c, digits := range map[Currency]int{USD: 2, EUR: 2, GBP: 2, CAD: 2, MXN: 2, JPY: 0, "CHF": 2} {
		if c.Digits() != digits || c.Known() != (c != "CHF") {
			t.Errorf("%s has %d digits, known %v", c, c.Digits(), c.Known())
		}
	}
}

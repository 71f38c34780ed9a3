// Package npi knows National Provider Identifiers of the United States: which are valid, and how invented ones are
// made. The CHECK constraint practitioner_npi says the same in SQL.
package npi

import "fmt"

// Valid tells whether s is a National Provider Identifier: ten ASCII digits, the first 1 or 2, whose Luhn sum with the
// prefix 80840 of United States health cards ends in 0.
func Valid(s string) bool {
	if len(s) != 10 || s[0] != '1' && s[0] != '2' {
		return false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return checkDigit(s[:9]) == s[9]
}

// checkDigit is the tenth digit for nine digits.
func checkDigit(nine string) byte {
	const prefix = 24 // what the digits 80840 add to the sum
	sum := prefix
	for i := range nine {
		d := int(nine[i] - '0')
		if i%2 == 0 { // from the check digit leftwards every second one counts double, beginning with the ninth
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}

// Synthetic is number n of the range that we use for invented practitioners. Real ones may begin with the same digits,
// so these are never sent to a register.
func Synthetic(n int) string {
	const prime = 7919 // has no factor in common with the range: neighbors look unrelated and none repeats within it
	nine := fmt.Sprintf("1999%05d", n*prime%100_000)
	return Made(nine)
}

// Made is the identifier of nine digits, with its check digit.
func Made(nine string) string { return nine + string(checkDigit(nine)) }

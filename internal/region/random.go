package region

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"

	"github.com/google/uuid"
)

// key names one row of one table of one seed. Every draw and every id comes from such a name, by integers only: the
// same seed gives the same region on every machine, and a larger region begins with the smaller one.
type key [sha256.Size]byte

func (g *generator) key(table string, row ...int) key {
	b := make([]byte, 0, 64)
	b = binary.BigEndian.AppendUint64(b, g.options.Seed)
	b = append(b, table...)
	for _, n := range row {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return sha256.Sum256(b)
}

// id is the row's UUID: version 8, all other bits from its name.
func (g *generator) id(table string, row ...int) uuid.UUID { return g.key(table, row...).id() }

func (k key) id() uuid.UUID {
	id := uuid.UUID(k[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// random are the row's random numbers.
type random struct{ pcg *rand.PCG }

func (g *generator) random(table string, row ...int) random {
	k := g.key(table, row...)
	return random{rand.NewPCG(binary.BigEndian.Uint64(k[16:]), binary.BigEndian.Uint64(k[24:]))}
}

// below is a number in [0, n). The bias of the multiplication is below n / 2^64.
func (d random) below(n int) int {
	hi, _ := bits.Mul64(d.pcg.Uint64(), uint64(n))
	return int(hi)
}

// between is a number in [low, high].
func (d random) between(low, high int) int { return low + d.below(high-low+1) }

// permille is true n times in a thousand.
func (d random) permille(n int) bool { return d.below(1000) < n }

func (d random) percent(n int) bool { return d.permille(n * 10) }

func pick[T any](d random, list []T) T { return list[d.below(len(list))] }

// weighted is an index, drawn by the weight at it.
func weighted[T any](d random, list []T, weight func(T) int) int {
	total := 0
	for _, t := range list {
		total += weight(t)
	}
	n := d.below(total)
	for i, t := range list {
		if n -= weight(t); n < 0 {
			return i
		}
	}
	return len(list) - 1
}

// shuffled is a copy of the list in another order.
func shuffled[T any](d random, list []T) []T {
	out := append([]T(nil), list...)
	for i := len(out) - 1; i > 0; i-- {
		j := d.below(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// quantiles are 65 values of a distribution at the probabilities 0/64 to 64/64, the outermost cut at one or two in a
// thousand.
type quantiles [65]int

var (
	// ratingHundredths is Beta(18, 3) x 5 in hundredths of a star.
	ratingHundredths = quantiles{276, 331, 347, 357, 365, 371, 376, 380, 384, 388, 391, 394, 397, 400, 402, 404, 407, 409,
		411, 413, 415, 417, 418,
		420, 422, 424, 425, 427, 428, 430, 431, 433, 434, 436, 437, 439, 440, 441, 443, 444, 445, 447, 448, 450, 451, 452,
		454, 455, 456, 458, 459,
		461, 462, 464, 465, 467, 469, 471, 473, 475, 477, 479, 483, 487, 495}
	// ratingCount is lognormal(3, 1.2).
	ratingCount = quantiles{1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 8, 8, 9, 9, 10, 11, 11, 12, 12, 13, 14, 14, 15, 16,
		17, 17, 18, 19, 20, 21, 22, 23,
		24, 25, 27, 28, 29, 31, 33, 34, 36, 38, 40, 43, 45, 48, 51, 54, 58, 63, 67, 73, 80, 88, 98, 110, 127, 150, 188, 266,
		635}
	// responseMinutes is lognormal(4.2, 1).
	responseMinutes = quantiles{4, 8, 10, 12, 14, 16, 18, 19, 21, 23, 24, 26, 27, 29, 31, 32, 34, 36, 37, 39, 41, 43, 45,
		47, 48, 51, 53, 55, 57, 59, 62,
		64, 67, 69, 72, 75, 78, 81, 85, 88, 92, 96, 100, 104, 109, 114, 119, 125, 131, 138, 145, 153, 162, 172, 183, 196, 211,
		228, 249, 275, 309, 356,
		430, 575, 1186}
)

func (d random) from(q *quantiles) int {
	n := d.below(64 * 1024)
	low, high := q[n/1024], q[n/1024+1]
	return low + (high-low)*(n%1024)/1024
}

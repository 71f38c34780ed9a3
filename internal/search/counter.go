package search

import mathbits "math/bits"

// hit is the counter's row of full hits; the rows before it belong to the ways to miss, by bit number of failNear and
// so on.
const hit = 7

// counter counts, over all listings that miss at most one filter, how many have each facet bit. A choice's count is
// taken with all other filters applied: of those that miss one filter, only that filter's own bits are counted.
type counter struct {
	rows   [hit + 1]int // listings by way to miss
	masks  [hit + 1]bits
	counts []uint32    // per facet bit
	lanes  [][8]uint64 // eight byte counters in each: bit 8*b+k of word j is byte b of lanes[j][k]
	filled int

	bands    [len(withinMiles) + 1]int // by the first distance that reaches
	free     [3]int                    // by part of the day
	anyTime  int
	licensed int // by video for this patient, distance set aside
}

func newCounter(words int) counter {
	c := counter{counts: make([]uint32, words*64), lanes: make([][8]uint64, words)}
	for i := range c.masks {
		c.masks[i] = make(bits, words)
	}
	return c
}

func (c *counter) reset() {
	c.rows, c.bands, c.free, c.anyTime, c.licensed, c.filled = [hit + 1]int{}, [len(withinMiles) + 1]int{}, [3]int{}, 0, 0,
		0
	clear(c.counts)
	clear(c.lanes)
}

// compile sets which bits each way to miss still counts.
func (c *counter) compile(lo *layout) {
	for i := range c.masks[hit] {
		c.masks[hit][i] = ^uint64(0)
	}
	at := func(fail uint8) bits { return c.masks[mathbits.TrailingZeros8(fail)] }
	at(failKind)[0], at(failGender)[0], at(failPrice)[0] = lo.kindMask, lo.genderMask, lo.price
	for bit := lo.spokenBit; bit < lo.accessBit; bit++ {
		at(failLanguage).set(bit)
	}
	for bit := lo.acceptedBit; bit < lo.refusedBit+lo.payers; bit++ {
		at(failPayer).set(bit)
	}
}

const bytesOfOne = 0x0101010101010101

// add counts one listing that misses at most one filter. Each facet word is spread over eight words of byte counters,
// so that 64 bits cost some 24 steps without a branch; the bytes are emptied before they can overflow.
func (c *counter) add(v *match, words []uint64) {
	way := hit
	if v.fail != 0 {
		way = mathbits.TrailingZeros8(v.fail)
	}
	c.rows[way]++
	if v.fail&^failNear == 0 {
		c.bands[v.band]++
		if v.licensed {
			c.licensed++
		}
	}
	if v.fail&^failTime == 0 {
		c.free[0] += int(v.free & 1)
		c.free[1] += int(v.free >> 1 & 1)
		c.free[2] += int(v.free >> 2)
		if v.free != 0 {
			c.anyTime++
		}
	}
	if v.fail&(failNear|failTime) != 0 {
		return // these two have no bits
	}
	mask := c.masks[way]
	for j, w := range words {
		if w &= mask[j]; w == 0 {
			continue
		}
		lane := &c.lanes[j]
		lane[0] += w & bytesOfOne
		lane[1] += w >> 1 & bytesOfOne
		lane[2] += w >> 2 & bytesOfOne
		lane[3] += w >> 3 & bytesOfOne
		lane[4] += w >> 4 & bytesOfOne
		lane[5] += w >> 5 & bytesOfOne
		lane[6] += w >> 6 & bytesOfOne
		lane[7] += w >> 7 & bytesOfOne
	}
	if c.filled++; c.filled == 255 {
		c.empty()
	}
}

func (c *counter) empty() {
	for j := range c.lanes {
		for k := range c.lanes[j] {
			for b := range 8 {
				c.counts[j*64+b*8+k] += uint32(c.lanes[j][k] >> (8 * b) & 0xff)
			}
		}
	}
	clear(c.lanes)
	c.filled = 0
}

// with is how many listings have a bit, taken over the hits and those that miss in the bit's own filter only.
func (c *counter) with(bit int) int { return int(c.counts[bit]) }

// all is how many listings there would be without one filter.
func (c *counter) all(fail uint8) int { return c.rows[hit] + c.rows[mathbits.TrailingZeros8(fail)] }

package search

import mathbits "math/bits"

// hit is the counter's way of full hits; those before it are the ways to miss, by bit number of failNear and so on.
const hit = 8

// counter counts the locations that each choice of a filter would give, with all other filters applied: of the listings
// that miss one filter, only that filter's own bits count. What the listings of a location have is put together first,
// so that a location counts once however many listings it has.
type counter struct {
	locations int // that have hits
	masks     [hit + 1]bits
	counts    []uint32    // per facet bit
	lanes     [][8]uint64 // eight byte counters in each: bit 8*b+k of word j is byte b of lanes[j][k]
	filled    int

	bands    [len(withinMiles) + 1]int // by the first distance that reaches
	free     [3]int                    // by part of the day
	anyTime  int
	licensed int // by video for this patient, distance set aside

	location locationCounts
}

// locationCounts is in what the location counts that is being looked at.
type locationCounts struct {
	ways     uint16 // in which its listings count, as bits
	band     uint8  // the first distance that reaches one of them
	free     uint8
	licensed bool
	words    bits
}

func newCounter(words int) counter {
	c := counter{counts: make([]uint32, words*64), lanes: make([][8]uint64, words)}
	c.location.words = make(bits, words)
	for i := range c.masks {
		c.masks[i] = make(bits, words)
	}
	return c
}

func (c *counter) reset() {
	clear(c.counts)
	clear(c.lanes)
	*c = counter{masks: c.masks, counts: c.counts, lanes: c.lanes, location: c.location}
}

// compile sets which bits each way to miss still counts.
func (c *counter) compile(lo *layout) {
	for i := range c.masks[hit] {
		c.masks[hit][i] = ^uint64(0)
	}
	at := func(fail uint8) bits { return c.masks[mathbits.TrailingZeros8(fail)] }
	at(failKind)[0], at(failGender)[0] = lo.kindMask, lo.genderMask
	at(failPrice)[0], at(failAge)[0] = lo.priceMask, lo.ageMask
	for bit := lo.spokenBit; bit < lo.accessBit; bit++ {
		at(failLanguage).set(bit)
	}
	for bit := lo.acceptedBit; bit < lo.openBit+lo.payers; bit++ {
		at(failPayer).set(bit)
	}
}

// begin is called before the listings of a location, end after them.
func (c *counter) begin() {
	p := &c.location
	p.ways, p.band, p.free, p.licensed = 0, uint8(len(withinMiles)), 0, false
	clear(p.words)
}

// add takes one listing that misses at most one filter.
func (c *counter) add(v *match, words []uint64) {
	p, way := &c.location, hit
	if v.fail != 0 {
		way = mathbits.TrailingZeros8(v.fail)
	}
	p.ways |= 1 << way
	if v.fail&^failNear == 0 {
		p.band = min(p.band, v.band)
		p.licensed = p.licensed || v.licensed
	}
	if v.fail&^failTime == 0 {
		p.free |= v.free
	}
	if v.fail&(failNear|failTime) != 0 {
		return // these two have no bits
	}
	for j, mask := range c.masks[way] {
		p.words[j] |= words[j] & mask
	}
}

const bytesOfOne = 0x0101010101010101

// end counts the location. Each facet word is spread over eight words of byte counters, so that 64 bits cost some 24
// steps without a branch; the bytes are emptied before they can overflow.
func (c *counter) end() {
	p := &c.location
	if p.ways == 0 {
		return
	}
	c.locations += int(p.ways >> hit)
	c.countTimes(p)
	for j, w := range p.words {
		if w == 0 {
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

// countTimes counts what has no bits: times, distances, and video.
func (c *counter) countTimes(p *locationCounts) {
	c.bands[p.band]++
	c.free[0] += int(p.free & 1)
	c.free[1] += int(p.free >> 1 & 1)
	c.free[2] += int(p.free >> 2)
	c.anyTime += int(oneIfAny(uint32(p.free)))
	if p.licensed {
		c.licensed++
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

// with is how many locations have a listing with a bit, among the hits and those that miss in the bit's own filter
// only.
func (c *counter) with(bit int) int { return int(c.counts[bit]) }

//go:build race

package search

// raceDetector: the detector makes sync.Pool forget at random, so that allocations mean nothing under it.
const raceDetector = true

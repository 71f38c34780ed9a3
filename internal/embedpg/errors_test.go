package embedpg

import "testing"

func TestAFullDiskIsToldFromAKernelOutOfSharedMemory(t *testing.T) {
	for output, full := range map[string]bool{
		"FATAL:  could not write lock file \"postmaster.pid\": No space left on device":       true,
		"initdb: error: could not write file \"/x\": No space left on device":                 true,
		"could not extend file \"base/1\": Disk quota exceeded":                               true,
		"FATAL:  could not create shared memory segment: No space left on device":             false,
		"FATAL:  could not create semaphores: No space left on device\nHINT:  This error ...": false,
		"FATAL:  database files are incompatible with server":                                 false,
		"": false,
	} {
		if got := outOfSpace(output); got != full {
			t.Errorf("%q: %v", output, got)
		}
	}
}

func TestTheCauseIsFoundInWhatAProgramPrinted(t *testing.T) {
	for output, want := range map[string]string{
		"": "nothing",
		"creating directory ... ok\ninitdb: error: invalid locale name \"xx\"\ninitdb: hint: see": `invalid locale name "xx"`,
		"2026-11-22 10:00:00.000 UTC [7] FATAL:  no such thing\nmore\n":                           "no such thing",
		"Reading lists\nE: Unable to locate package postgresql\n":                                 "Unable to locate package postgresql",
		"only\nwords\n\n": "words",
	} {
		if got := gist(output, "nothing"); got != want {
			t.Errorf("%q: %q, not %q", output, got, want)
		}
	}
	if got := oneLine("a\n\tb  c"); got != "a b c" {
		t.Errorf("%q", got)
	}
}

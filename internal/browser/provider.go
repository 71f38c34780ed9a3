package browser

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Provider starts oidc-provider, a certified OpenID Connect provider, for one test and gives its issuer. Whoever signs
// in there as "nora" is the subject "nora" with the address nora@domain.
func Provider(t testing.TB, redirect, clientID, clientSecret, domain string) (issuer string) {
	t.Helper()
	modules := NeedTools(t)
	command := exec.CommandContext(t.Context(), "node", filepath.Join(filepath.Dir(modules), "provider.mjs"))
	command.Env = append(os.Environ(), "CLIENT_ID="+clientID, "CLIENT_SECRET="+clientSecret, "REDIRECT="+redirect,
		"DOMAIN="+domain)
	leash, err := command.StdinPipe() // it ends when this process does
	if err != nil {
		t.Fatal(err)
	}
	said, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var faults strings.Builder
	command.Stderr = &faults
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = leash.Close(); _ = command.Wait() })
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if line := lines.Text(); strings.HasPrefix(line, "http://127.0.0.1:") {
			go func() { // what it says later must not make it wait
				for lines.Scan() {
				}
			}()
			return line
		}
	}
	t.Fatalf("the provider did not start: %s", clip(faults.String(), 1000))
	return ""
}

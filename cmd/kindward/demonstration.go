package main

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kindward/handlers/demo"
	"kindward/internal/region"
	"kindward/internal/tenancy"
)

// errDemonstration is the refusal of what serves people.
var errDemonstration = errors.New("this database was made as a demonstration: its people are invented, and their " +
	"passwords shown. For people, make another with kindward migrate; to let others see this one, set KINDWARD_ALLOW_DEMO=true")

// openServingGateway is openGateway for processes that serve people.
func (b *base) openServingGateway(ctx context.Context) (*tenancy.Gateway, error) {
	gateway, err := b.openGateway(ctx)
	if err != nil {
		return nil, err
	}
	is, err := gateway.Public().IsDemonstration(ctx)
	if err == nil && is && !b.AllowDemo {
		err = errDemonstration
	}
	if err != nil {
		gateway.Close()
		return nil, err
	}
	b.warnOfAdministrator()
	return gateway, nil
}

var plainBase32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// demoPassword is that of all logins of a demonstration, such as k7qd-2m4x-p9ra-3hzt. It is this deployment's own: it
// follows from the secrets, so that each start finds it again and nobody else can.
func (b *base) demoPassword() string {
	text := strings.ToLower(plainBase32.EncodeToString(b.ring.Vault().Derive("demonstration password", 10)))
	return strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:]}, "-")
}

// demoTOTPSecret is that of somebody's authenticator app in a demonstration, this deployment's own too.
func (b *base) demoTOTPSecret(email string) string {
	return plainBase32.EncodeToString(b.ring.Vault().Derive("demonstration authenticator "+email, 20))
}

// introduce says where it is and who can sign in, for people and, as demo.json, for programs.
func (a *app) introduce(logins []region.Login) error {
	type login struct {
		Role         string `json:"role"`
		Name         string `json:"name"`
		Email        string `json:"email"`
		Password     string `json:"password"`
		TOTPSecret   string `json:"totp_secret,omitempty"`
		Organization string `json:"organization,omitempty"`
	}
	home, password := a.site.BaseURL.String(), a.demoPassword()
	out := struct {
		Address string  `json:"address"`
		Mail    string  `json:"mail"`
		Codes   string  `json:"codes"`
		Logins  []login `json:"logins"`
	}{Address: home, Mail: home + "/demo/mail", Codes: home + "/demo/codes"}
	say("\nKindward is at " + home)
	for _, l := range logins {
		out.Logins = append(out.Logins, login{l.Role, l.Name, l.Email, password, l.Secret, l.Organization})
		a.demo.Logins = append(a.demo.Logins, demo.Login{Name: l.Name, Email: l.Email, Role: l.Role,
			Organization: l.Organization, Secret: l.Secret})
		if l.Role == "patient" {
			say(fmt.Sprintf("  patient  %-20s password %s", l.Email, password))
		}
	}
	say("  people who work, with the codes of their second step: " + out.Codes)
	say("  mail that was sent: " + out.Mail + "\n  Ctrl-C stops everything.\n")
	raw, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(a.DataDir, "demo.json"), append(raw, '\n'), 0o600)
}

// list says who can sign in where nobody shows the codes.
func (b *base) list(logins []region.Login) {
	say("All logins have the password " + b.demoPassword())
	for _, l := range logins {
		line := fmt.Sprintf("  %-28s %s", l.Email, l.Role)
		if l.Secret != "" {
			line += ", authenticator app " + l.Secret
		}
		say(line)
	}
}

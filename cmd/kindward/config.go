package main

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/kyc"
	"kindward/internal/loopback"
	"kindward/internal/npi"
)

// config is everything that the environment may say. `kindward help config` lists it from here.
type config struct {
	Addr        string `env:"KINDWARD_ADDR" envDefault:"127.0.0.1:8080" help:"address to listen on"`
	BaseURL     string `env:"KINDWARD_BASE_URL" help:"how visitors reach it, such as https://care.example.org; serve and work need it; follows from KINDWARD_ADDR when empty"`
	DataDir     string `env:"KINDWARD_DATA_DIR" help:"folder for the private database, mail and secrets; a folder of the user when empty"`
	DatabaseURL string `env:"DATABASE_URL" help:"address of an existing PostgreSQL 15 to 18; migrate needs it with its administrator's name and password, serve and work without; a private one is started when empty"`
	Pooler      string `env:"KINDWARD_POOLER_ADDR" help:"host:port of a pooler in transaction mode before the database of DATABASE_URL, for the connections of pages; none when empty"`
	KeptPlans   bool   `env:"KINDWARD_KEPT_PLANS" envDefault:"true" help:"keep plans of statements on each database connection, where that is safe"`
	Secrets     string `env:"KINDWARD_SECRETS" help:"file of keys and passwords, made by migrate, seed and dev when absent; secrets.json in the data folder when empty"`
	Zone        string `env:"KINDWARD_ZONE" envDefault:"America/New_York" help:"time zone that visitors live in (IANA name)"`
	SMTP        string `env:"KINDWARD_SMTP_URL" help:"mail server, smtp://user:password@host:port; mail is kept in the data folder when empty"`
	MailFrom    string `env:"KINDWARD_MAIL_FROM" envDefault:"Kindward <no-reply@kindward.example>" help:"sender of mail"`
	NPIRegistry string `env:"KINDWARD_NPI_REGISTRY_URL" help:"address of the registry of National Provider Identifiers; when empty the national one, in a demonstration one that invents its answers"`
	Exclusions  string `env:"KINDWARD_EXCLUSIONS_URL" help:"address of the list of those who are excluded from federal health programs, in the form of LEIE; when empty the national one, in a demonstration one that is invented"`
	Identity    string `env:"KINDWARD_IDENTITY_URL" envDefault:"https://api.stripe.com" help:"address of who verifies identities, in the form of Stripe Identity"`
	IdentityKey string `env:"KINDWARD_IDENTITY_KEY" help:"secret key of our account there; when empty nobody verifies identities but whoever reviews, in a demonstration it is invented"`
	HookSecrets string `env:"KINDWARD_IDENTITY_WEBHOOK_SECRETS" help:"comma-separated secrets that sign webhooks to /webhooks/identity, the one before too while it is changed; when empty none is heard, and it is asked again and again"`
	LicensesURL string `env:"KINDWARD_LICENSES_URL" help:"address of a register of states' licenses (docs/operations.md has the form); when empty whoever reviews looks them up, in a demonstration it is invented"`
	FilesDir    string `env:"KINDWARD_FILES_DIR" help:"folder of the files that people send, encrypted, the same for all processes; files in the data folder when empty"`
	S3          string `env:"KINDWARD_S3_URL" help:"address of an S3 server that keeps those files in the place of a folder, such as https://s3.example.org; none when empty"`
	S3Region    string `env:"KINDWARD_S3_REGION" envDefault:"us-east-1" help:"region of its bucket"`
	S3Bucket    string `env:"KINDWARD_S3_BUCKET" help:"bucket for the files"`
	S3AccessKey string `env:"KINDWARD_S3_ACCESS_KEY" help:"access key of an account that reads, writes, lists and deletes there"`
	S3SecretKey string `env:"KINDWARD_S3_SECRET_KEY" help:"its secret key"`
	Clamd       string `env:"KINDWARD_CLAMD" help:"host:port or socket of a clamd that scans those files for viruses; when empty people are told that nobody does, in a demonstration one is simulated"`
	HelpEmail   string `env:"KINDWARD_HELP_EMAIL" envDefault:"help@kindward.example" help:"where messages of the help page go"`
	HelpPhone   string `env:"KINDWARD_HELP_PHONE" help:"number that the help page gives; none when empty"`
	Proxies     string `env:"KINDWARD_PROXIES" help:"comma-separated networks whose X-Forwarded-For is believed, such as 10.0.0.0/8"`
	LogLevel    string `env:"KINDWARD_LOG_LEVEL" envDefault:"info" help:"debug, info, warn or error"`
	Postgres    string `env:"KINDWARD_POSTGRES_BIN" help:"folder with the server's programs, for the private database, or obtain: only what npm brings; looked for when empty"`
	DemoSize    int    `env:"KINDWARD_DEMO_SIZE" envDefault:"64" help:"organizations of the demo region, 3 to 1000"`
	AllowDemo   bool   `env:"KINDWARD_ALLOW_DEMO" help:"true: a demonstration may be served, and its codes and emails shown, to other machines than this one"`
	Witness     string `env:"KINDWARD_WITNESS" help:"folder for the hashes of events that this process wrote to the audit, best where the database's administrator cannot write, or none; audit/witness in the data folder when empty"`
	ManyRecords int    `env:"KINDWARD_MANY_RECORDS" envDefault:"20" help:"people whose records somebody without a relation to them may open within an hour before an alert is raised"`
	ManyShown   int    `env:"KINDWARD_MANY_SHOWN" envDefault:"100" help:"people whom somebody without a relation to them may be shown within an hour, in lists, searches and records together, before an alert is raised"`
	Breached    string `env:"KINDWARD_BREACHED_PASSWORDS" help:"file of leaked passwords that nobody may choose: a line HASH:COUNT for each, SHA-1 in hexadecimal, in the order of the hashes; none when empty"`
	MaxConns    int32  `env:"KINDWARD_MAX_CONNS" envDefault:"16" help:"database connections of one process for its pages, 2 or more: each of two roles has its own"`

	Grace      time.Duration `env:"KINDWARD_GRACE" envDefault:"10s" help:"how long a web server goes on serving after SIGTERM, not ready: longer than your balancer takes to notice"`
	HealthAddr string        `env:"KINDWARD_HEALTH_ADDR" help:"address where the worker answers /healthz and /readyz; nowhere when empty"`
}

// readConfig reads and checks the environment, and then whatever else a verb wants of it. Its error is one line for a
// person.
func readConfig(checks ...func(config) error) (config, error) {
	var c config
	if err := env.Parse(&c); err != nil {
		return c, fmt.Errorf("a setting cannot be read: %s", strings.ReplaceAll(err.Error(), "\n", " "))
	}
	if c.DataDir == "" {
		dir, err := dataHome()
		if err != nil {
			return c, fmt.Errorf("no folder for data: set KINDWARD_DATA_DIR (%w)", err)
		}
		c.DataDir = filepath.Join(dir, "kindward")
	}
	if c.Witness == "" {
		c.Witness = filepath.Join(c.DataDir, "audit", "witness")
	}
	if c.FilesDir == "" {
		c.FilesDir = filepath.Join(c.DataDir, "files")
	}
	if c.Secrets == "" {
		c.Secrets = filepath.Join(c.DataDir, "secrets.json")
	}
	if _, err := civil.Zone(c.Zone); err != nil {
		return c, fmt.Errorf("KINDWARD_ZONE: %q is not a time zone like America/New_York", c.Zone)
	}
	if c.DemoSize < 3 || c.DemoSize > 1000 {
		return c, fmt.Errorf("KINDWARD_DEMO_SIZE: %d is not between 3 and 1000", c.DemoSize)
	}
	if c.MaxConns < 2 {
		return c, fmt.Errorf("KINDWARD_MAX_CONNS: %d is not 2 or more, one for each of two roles", c.MaxConns)
	}
	if c.BaseURL != "" {
		if _, err := c.baseURL(""); err != nil {
			return c, err
		}
	}
	if err := c.checkPooler(); err != nil {
		return c, err
	}
	if _, err := c.breached(); err != nil {
		return c, err
	}
	if _, err := proxies(c.Proxies); err != nil {
		return c, err
	}
	if err := c.checkRegisters(); err != nil {
		return c, err
	}
	if c.S3 != "" && (c.S3Bucket == "" || c.S3AccessKey == "" || c.S3SecretKey == "") {
		return c, errors.New("KINDWARD_S3_URL: it needs KINDWARD_S3_BUCKET, KINDWARD_S3_ACCESS_KEY and KINDWARD_S3_SECRET_KEY")
	}
	if a, err := mail.ParseAddress(c.HelpEmail); err != nil || a.Address != c.HelpEmail {
		return c, fmt.Errorf("KINDWARD_HELP_EMAIL: %q is not an address like help@example.org", c.HelpEmail)
	}
	for _, check := range checks {
		if err := check(c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// checkRegisters wants TLS for whatever is not on this machine.
func (c config) checkRegisters() error {
	for _, s := range []struct{ name, address, like string }{
		{"KINDWARD_NPI_REGISTRY_URL", c.NPIRegistry, npi.RegistryURL},
		{"KINDWARD_EXCLUSIONS_URL", c.Exclusions, kyc.ExclusionsURL},
		{"KINDWARD_IDENTITY_URL", c.Identity, kyc.IdentityURL},
		{"KINDWARD_S3_URL", c.S3, "https://s3.example.org"},
		{"KINDWARD_LICENSES_URL", c.LicensesURL, "https://licenses.example.org/"},
	} {
		u, err := url.Parse(s.address)
		if err != nil || s.address != "" && (u.Host == "" || u.Scheme != "https" && !loopback.Host(u.Hostname())) {
			return fmt.Errorf("%s: %q is not an address like %s", s.name, s.address, s.like)
		}
	}
	return nil
}

// webhookSecrets are those that sign webhooks.
func (c config) webhookSecrets() []string {
	return strings.FieldsFunc(c.HookSecrets, func(r rune) bool { return r == ',' || r == ' ' })
}

func (c config) checkPooler() error {
	if c.Pooler == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(c.Pooler)
	if _, wrong := strconv.ParseUint(port, 10, 16); err != nil || host == "" || wrong != nil {
		return fmt.Errorf("KINDWARD_POOLER_ADDR: %q is not an address like 127.0.0.1:6432", c.Pooler)
	}
	if c.DatabaseURL == "" {
		return errors.New("KINDWARD_POOLER_ADDR: a pooler stands before the database of DATABASE_URL, which is not set")
	}
	return nil
}

// breached is the operator's list of leaked passwords, or nil.
func (c config) breached() (*identity.Breached, error) {
	if c.Breached == "" {
		return nil, nil
	}
	list, err := identity.OpenBreached(c.Breached)
	if err != nil {
		return nil, fmt.Errorf("KINDWARD_BREACHED_PASSWORDS: %w", err)
	}
	return list, nil
}

// dataHome is where programs of a user keep their data.
func dataHome() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return dir, nil
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		return os.UserConfigDir()
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share"), err
}

// describe lists every setting with its meaning and default.
func describe() string {
	var b strings.Builder
	b.WriteString("Settings come from the environment:\n\n")
	t := reflect.TypeFor[config]()
	for i := range t.NumField() {
		f := t.Field(i)
		fmt.Fprintf(&b, "  %-28s %s", f.Tag.Get("env"), f.Tag.Get("help"))
		if d := f.Tag.Get("envDefault"); d != "" {
			fmt.Fprintf(&b, " (default %s)", d)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

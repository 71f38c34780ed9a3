package provider_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kindward/handlers/webtest"
)

// idp is a provider of OpenID Connect as an organization has one. Each test may make it lie.
type idp struct {
	*httptest.Server
	t      *testing.T
	now    func() time.Time
	key    *rsa.PrivateKey
	mu     sync.Mutex
	codes  map[string]grant
	twist  func(header, claims map[string]any) // of the ID token, before it is signed
	info   map[string]any                      // what userinfo says instead
	about  map[string]any                      // what discovery says besides
	asked  int                                 // for tokens
	refuse string                              // the error of the token endpoint
}

type grant struct {
	challenge, redirect string
	claims              map[string]any
}

const clientID, clientSecret = "kindward-clinic", "a secret of the clinic's, canary 7QK4"

func newIDP(t *testing.T, now func() time.Time) *idp {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &idp{t: t, now: now, key: key, codes: map[string]grant{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		d := map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "userinfo_endpoint": p.URL + "/me",
			"id_token_signing_alg_values_supported":          []string{"RS256", "none"},
			"authorization_response_iss_parameter_supported": true}
		maps.Copy(d, p.about)
		reply(w, d)
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig", "n": b64(key.N.Bytes()),
			"e": b64(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, _ *http.Request) { reply(w, p.info) })
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// token gives the ID token of a code, once, to the client that asked and can prove it.
func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	id, secret, _ := r.BasicAuth()
	if p.refuse != "" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		reply(w, map[string]string{"error": p.refuse})
		return
	}
	g, known := p.codes[r.FormValue("code")]
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	secret, _ = url.QueryUnescape(secret)
	if !known || id != clientID || secret != clientSecret || b64(sum[:]) != g.challenge ||
		r.FormValue("redirect_uri") != g.redirect {
		w.WriteHeader(http.StatusBadRequest)
		reply(w, map[string]string{"error": "invalid_grant"})
		return
	}
	delete(p.codes, r.FormValue("code"))
	header := map[string]any{"alg": "RS256", "kid": "1"}
	if p.twist != nil {
		p.twist(header, g.claims)
	}
	reply(w, map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": p.sign(header, g.claims)})
}

func (p *idp) sign(header, claims map[string]any) string {
	head, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	body := b64(head) + "." + b64(c)
	if header["alg"] == "none" {
		return body + "."
	}
	sum := sha256.Sum256([]byte(body))
	mac, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return body + "." + b64(mac)
}

// visit is somebody at the provider: it sends them back to the address that it gives.
func (p *idp) visit(address string, claims map[string]any) (back string) {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, p.URL+"/auth?") {
		p.t.Fatalf("not a way to the provider: %q", address)
	}
	q := u.Query()
	for _, name := range []string{"state", "nonce", "code_challenge", "redirect_uri"} {
		if q.Get(name) == "" {
			p.t.Errorf("%s is not asked for", name)
		}
	}
	if q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" || q.Get("client_id") != clientID {
		p.t.Errorf("asked %v", q)
	}
	now := p.now()
	all := map[string]any{"iss": p.URL, "aud": clientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"auth_time": now.Unix(), "nonce": q.Get("nonce")}
	maps.Copy(all, claims)
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = grant{q.Get("code_challenge"), q.Get("redirect_uri"), all}
	p.mu.Unlock()
	return q.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}.Encode()
}

// through is a browser's way to the provider and back: what our callback answers.
func through(p *webtest.Person, idp *idp, organization string, claims map[string]any, fields ...string) webtest.Answer {
	p.T.Helper()
	return p.Get(ownPath(p, idp.visit(leave(p, organization, fields...), claims)))
}

// leave is where the page sends the browser.
func leave(p *webtest.Person, organization string, fields ...string) string {
	p.T.Helper()
	a := p.Post("/sso/"+organization, fields...)
	a.Has(http.StatusOK, "You go on at 127.0.0.1")
	_, address, found := strings.Cut(a.Header.Get("Refresh"), "0; url=")
	if !found {
		p.T.Fatalf("nowhere to go: %d %s %v", a.Status, a.Location, a.Header)
	}
	return address
}

// connect is through for whoever is signed in and connects their account.
func connect(p *webtest.Person, at *idp, organization string, claims map[string]any) webtest.Answer {
	p.T.Helper()
	return through(p, at, organization+"/link", claims)
}

// ownPath takes our own host off an address.
func ownPath(p *webtest.Person, address string) string {
	p.T.Helper()
	path, ours := strings.CutPrefix(address, p.Site.URL)
	if !ours {
		p.T.Fatalf("%q is not ours", address)
	}
	return path
}

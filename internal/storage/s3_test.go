package storage

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

const (
	accessKey = "an-access-key"
	secretKey = "its-secret-key"
)

// bucketServer is an S3 server that takes what is signed rightly, and fails as it is told.
type bucketServer struct {
	*httptest.Server
	code, status atomic.Value // of what it answers instead; "" and 0: what is asked for
	hangs        atomic.Bool
	refused      atomic.Int32 // for their signature
}

// openBucket is an empty bucket on a server of the test's own.
func openBucket(t *testing.T) (*S3, *bucketServer) {
	t.Helper()
	memory, b := s3mem.New(), &bucketServer{}
	if err := memory.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	b.code.Store("")
	b.status.Store(0)
	b.Server = httptest.NewServer(b.guard(gofakes3.New(memory).Server()))
	t.Cleanup(b.Close)
	return b.open(t, secretKey), b
}

func (b *bucketServer) open(t *testing.T, secret string) *S3 {
	t.Helper()
	s, err := OpenS3(S3Options{Endpoint: b.URL, Region: "us-east-1", Bucket: "files", AccessKey: accessKey,
		SecretKey: secret})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bucketServer) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code, status := b.code.Load().(string), b.status.Load().(int)
		if !signed(r) {
			b.refused.Add(1)
			code, status = "SignatureDoesNotMatch", http.StatusForbidden
		}
		if b.hangs.Load() {
			_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that nobody waits any more
			<-r.Context().Done()
			return
		}
		if code == "" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>No.</Message></Error>`, code)
	})
}

// signed checks a request as an S3 server does (AWS Signature Version 4).
func signed(r *http.Request) bool {
	rest, found := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="+accessKey+"/")
	parts := strings.Split(strings.ReplaceAll(rest, ", ", ","), ",")
	if !found || len(parts) != 3 {
		return false
	}
	scope, names := parts[0], strings.TrimPrefix(parts[1], "SignedHeaders=")
	lines := []string{r.Method, r.URL.EscapedPath(), strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")}
	for name := range strings.SplitSeq(names, ";") {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		lines = append(lines, name+":"+strings.TrimSpace(value))
	}
	lines = append(lines, "", names, r.Header.Get("X-Amz-Content-Sha256"))
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	key := []byte("AWS4" + secretKey)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	said := mac(key, strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), scope,
		hex.EncodeToString(sum[:])}, "\n"))
	return parts[2] == "Signature="+hex.EncodeToString(said)
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func TestF10ABucketThatIsFullAwayOrAnothersSaysSoAndKeepsNothingHalf(t *testing.T) {
	s, server := openBucket(t)
	put := func(s *S3) error { return s.Put(t.Context(), "documents/1/a", []byte("x")) }
	if err := put(server.open(t, "another-secret")); err == nil || server.refused.Load() == 0 {
		t.Errorf("with another's secret: %v, %d refused", err, server.refused.Load())
	}
	for code, status := range map[string]int{"QuotaExceeded": 403, "XMinioStorageFull": 507, "Any": 507} {
		server.code.Store(code)
		server.status.Store(status)
		if err := put(s); !errors.Is(err, ErrFull) {
			t.Errorf("%s: %v", code, err)
		}
	}
	server.code.Store("AccessDenied")
	server.status.Store(403)
	if err := put(s); err == nil || errors.Is(err, ErrFull) || errors.Is(err, ErrNotFound) {
		t.Errorf("refused: %v", err)
	}
	server.code.Store("")
	if all := listed(t, s, ""); len(all) != 0 {
		t.Errorf("it has %v", all)
	}
	server.hangs.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.Put(ctx, "documents/1/a", []byte("x")); err == nil {
		t.Error("it never answered")
	}
	server.hangs.Store(false)
	if err := put(s); err != nil {
		t.Errorf("control: %v", err)
	}
	server.Close()
	ctx, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.Get(ctx, "documents/1/a"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("away, which is not gone: %v", err)
	}
	for _, address := range []string{"", "s3.example.org", "ftp://s3.example.org"} {
		if _, err := OpenS3(S3Options{Endpoint: address}); err == nil {
			t.Errorf("%q is an address", address)
		}
	}
}

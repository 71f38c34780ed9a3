package embedpg

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestF04AServerThatIsKilledComesBackAtTheSameAddress(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s, err := Start(t.Context(), Options{DataDir: dir, Restart: true})
	ok(t, err)
	t.Cleanup(func() { s.Stop() })
	remember(t, s)
	for range 2 {
		before := s.current()
		ok(t, before.cmd.Process.Kill())
		began := time.Now()
		eventually(t, "another one answers at the same address", func() bool {
			conn, err := pgx.Connect(t.Context(), s.URL("postgres", "kindward"))
			if err != nil {
				return false
			}
			conn.Close(t.Context())
			return s.current() != before
		})
		t.Logf("back after %s", time.Since(began))
		remembers(t, s)
	}
	ok(t, s.Stop())
	if held, err := holders(filepath.Join(dir, "postgres"), 0); err != nil || len(held) > 0 {
		t.Errorf("still running: %v, %v", held, err)
	}
	select {
	case <-s.Done():
		t.Error("a server that came back counts as dead")
	default:
	}
}

func TestF04AServerThatCannotBeBroughtBackIsGivenUpWithOneLine(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	for _, test := range []struct {
		restart bool
		deaths  int
		says    string
	}{{true, mostDeaths + 1, "has died 6 times"}, {false, 1, "has died"}} {
		s, err := Start(t.Context(), Options{DataDir: dir, Restart: test.restart})
		ok(t, err)
		t.Cleanup(func() { s.Stop() })
		kills := 0
		eventually(t, "it is given up", func() bool {
			select {
			case <-s.Done():
				return true
			default:
			}
			// one that still starts is tried again, and has not died
			if conn, err := pgx.Connect(t.Context(), s.URL("postgres", "kindward")); err == nil {
				conn.Close(t.Context())
				if s.current().cmd.Process.Kill() == nil {
					kills++
				}
			}
			return false
		})
		if kills < test.deaths {
			t.Errorf("given up after %d deaths, not %d", kills, test.deaths)
		}
		plain(t, s.Err(), test.says)
		ok(t, s.Stop())
	}
}

func TestTheLogIsRotatedWhileTheServerWrites(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s := brought(t, dir)
	path := logPath(dir)
	read := func(path string) string { text, _ := os.ReadFile(path); return string(text) }
	says := func(word string) {
		_, err := connect(t, s).Exec(t.Context(), "do $$ begin raise warning '"+word+"'; end $$")
		ok(t, err)
		eventually(t, "the log has it", func() bool { return strings.Contains(read(path), word) })
	}
	says("first word")
	ok(t, rotateLog(path, 1<<30))
	if _, err := os.Stat(path + ".1"); err == nil {
		t.Error("a small log is rotated")
	}
	for n, word := range []string{"second word", "third word", "fourth word", "fifth word"} {
		ok(t, rotateLog(path, 1))
		if text := read(path); text != "" && n == 0 {
			t.Errorf("what was turned is still there: %s", text)
		}
		says(word)
	}
	for path, word := range map[string]string{path: "fifth", path + ".1": "fourth", path + ".2": "third",
		path + ".3": "second"} {
		if text := read(path); !strings.Contains(text, word) || strings.Contains(text, "\x00") {
			t.Errorf("%s is without %q: %q", path, word, text)
		}
	}
	if _, err := os.Stat(path + ".4"); err == nil {
		t.Error("more are kept than should")
	}
}

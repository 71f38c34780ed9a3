package health

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// twoClocks are ours and the database's, and a line that takes a while there and back.
type twoClocks struct {
	ours, theirs time.Time
	line         time.Duration
	away         error
}

func (c *twoClocks) now() time.Time { return c.ours }

func (c *twoClocks) ask(context.Context) (time.Time, error) {
	c.ours, c.theirs = c.ours.Add(c.line/2), c.theirs.Add(c.line/2)
	said := c.theirs
	c.ours, c.theirs = c.ours.Add(c.line/2), c.theirs.Add(c.line/2)
	return said, c.away
}

func TestAClockThatIsFarFromTheDatabasesIsSaidWithHowFarAndOnWhichSide(t *testing.T) {
	c := &twoClocks{ours: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	for _, test := range []struct {
		ahead, line time.Duration
		right       bool
		why         string
	}{
		{0, 0, true, ""}, {20 * time.Second, 0, true, ""}, {-20 * time.Second, 0, true, ""},
		{100 * time.Second, 0, false, "is 1m40s ahead of the database's"},
		{-100 * time.Second, 0, false, "is 1m40s behind the database's"},
		{0, time.Minute, true, ""}, {-40 * time.Second, time.Minute, true, ""}, // it may have been on its way for as long
		{-55 * time.Second, time.Minute, false, "is 25s behind"},
	} {
		c.theirs, c.line = c.ours.Add(-test.ahead), test.line
		clock := NewClock(c.ask, c.now, 20*time.Second)
		var said bytes.Buffer
		w := NewWatch([]Part{{Name: "clock", Limit: 20 * time.Second, Vital: true, Why: clock.Why,
			Age: func(ctx context.Context) (time.Duration, error) { return clock.Look(ctx), nil }}},
			Options{Now: time.Now, Log: slog.New(slog.NewTextHandler(&said, nil))})
		if !clock.Right() {
			t.Error("it is wrong before anybody looked")
		}
		ages := clock.Look(t.Context())
		w.parts[0].Age = func(context.Context) (time.Duration, error) { return ages.Truncate(time.Second), nil }
		if clock.Right() != test.right || (ages <= 20*time.Second) != test.right {
			t.Errorf("%+v: %v apart, right: %v", test, ages, clock.Right())
		}
		if test.right {
			continue
		}
		w.Look(t.Context())
		if !strings.Contains(said.String(), "part=clock") || !strings.Contains(said.String(), test.why) ||
			strings.Count(said.String(), "\n") != 1 {
			t.Errorf("%+v: %s", test, said.String())
		}
	}
}

func TestTheDatabasesTimeIsKnownBetweenTwoLooksAndWhileItIsAway(t *testing.T) {
	c := &twoClocks{ours: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	c.theirs = c.ours.Add(-90 * time.Second)
	clock := NewClock(c.ask, c.now, 20*time.Second)
	if !clock.Now().Equal(c.ours) {
		t.Error("control: before a look there is another time than this process's")
	}
	clock.Look(t.Context())
	c.ours, c.theirs = c.ours.Add(time.Hour), c.theirs.Add(time.Hour)
	if !clock.Now().Equal(c.theirs) {
		t.Errorf("it is %s there, not %s", c.theirs, clock.Now())
	}
	c.away = errors.New("no database")
	if apart := clock.Look(t.Context()); apart != 90*time.Second || clock.Right() {
		t.Errorf("while nobody answers it is %v apart", apart)
	}
}

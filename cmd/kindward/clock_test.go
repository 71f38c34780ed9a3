package main

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"kindward/internal/health"
)

func TestAProcessWhoseClockIsFarFromTheDatabasesIsNotReadyAndSaysByHowMuch(t *testing.T) { // F05
	a, _ := caretaker(t)
	for _, worker := range []bool{false, true} {
		for ahead, says := range map[time.Duration]string{0: "", 10 * time.Second: "", -10 * time.Second: "",
			-100 * time.Second: "behind the database's", 90 * time.Second: "ahead of the database's"} {
			a.clock = health.NewClock(a.outbox.Clock, func() time.Time { return time.Now().Add(ahead) }, mostApart)
			all := a.parts(worker)
			i := slices.IndexFunc(all, func(p health.Part) bool { return p.Name == "clock" })
			var log lines
			watch := health.NewWatch(all[i:i+1], health.Options{Every: time.Minute,
				Log: slog.New(slog.NewTextHandler(&log, nil))})
			watch.Look(t.Context())
			if r := health.ReportOf(watch.Status()); r.Ready != (says == "") {
				t.Errorf("%v ahead: %+v", ahead, r)
			}
			if !strings.Contains(log.String(), says) || strings.Contains(log.String(), "level=ERROR") != (says != "") {
				t.Errorf("%v ahead: %s", ahead, log.String())
			}
		}
	}
}

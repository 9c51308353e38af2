package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/pflag"
)

// logging is how a server tells what goes on. Its level may change while it runs.
type logging struct {
	format string
	level  string
	least  slog.LevelVar
}

func (l *logging) flags(f *pflag.FlagSet) {
	f.StringVar(&l.format, "log-format", "text", "`FORMAT` of the log on standard error: text or json")
	f.StringVar(&l.level, "log-level", "info", "least `LEVEL` that is logged: debug, info, warn or error")
	mark(f, reloads, "log-level")
}

var levels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

func (l *logging) check() error {
	if l.format != "text" && l.format != "json" {
		return fmt.Errorf("log-format %q: give text or json", l.format)
	}
	if _, ok := levels[l.level]; !ok {
		return fmt.Errorf("log-level %q: give debug, info, warn or error", l.level)
	}
	return nil
}

// serverLog is the log of a server. With -v everything is told.
func (c *cli) serverLog(l *logging) *slog.Logger {
	l.least.Set(levels[l.level])
	if c.verbose {
		l.least.Set(slog.LevelDebug)
	}
	o := &slog.HandlerOptions{Level: &l.least}
	if l.format == "json" {
		return slog.New(slog.NewJSONHandler(c.stderr, o))
	}
	return slog.New(slog.NewTextHandler(c.stderr, o))
}

// quietLogger is for verbs that answer and end: what goes wrong, and with -v
// the rest.
func (c *cli) quietLogger() *slog.Logger {
	level := slog.LevelWarn
	if c.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: level}))
}

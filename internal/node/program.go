package node

import (
	"runtime/debug"
	"slices"
)

// version is what the linker was told (see the Makefile); empty in other builds.
var version string

// Program is this program's version and the revision it was built from, as far
// as they are known; "devel" without a version.
func Program() (v, revision string) {
	v = version
	if info, ok := debug.ReadBuildInfo(); ok {
		if m := info.Main.Version; v == "" && m != "(devel)" {
			v = m
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	if v == "" {
		v = "devel"
	}
	return v, revision
}

// WithCgo tells whether this program was built with a C compiler, as what is handed out
// is not: its engine then keeps its caches out of the collector's sight.
func WithCgo() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "CGO_ENABLED", Value: "1"})
}

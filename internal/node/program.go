package node

import "runtime/debug"

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

package node

import "testing"

// What the linker was told counts, as in a package of the system.
func TestProgramHasTheVersionOfItsPackage(t *testing.T) {
	defer func(v string) { version = v }(version)
	if v, _ := Program(); v == "" {
		t.Error("without a version it has no word for that")
	}
	version = "1.2.3~rc1"
	if v, _ := Program(); v != version {
		t.Errorf("it says %q, want %q", v, version)
	}
}

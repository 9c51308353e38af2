package conformance_test

import (
	"encoding/json"
	"os"
	"testing"

	"entente/internal/door/taxii/conformance"
)

// TestAgainst runs the checks against a server that runs already. The file that
// ENTENTE_TAXII_TARGET names holds a conformance.Target as JSON.
func TestAgainst(t *testing.T) {
	file := os.Getenv("ENTENTE_TAXII_TARGET")
	if file == "" {
		t.Skip("no server is named: ENTENTE_TAXII_TARGET is not set")
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var target conformance.Target
	if err := json.Unmarshal(b, &target); err != nil {
		t.Fatal(err)
	}
	conformance.Run(t, target)
}

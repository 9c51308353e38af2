package blocklist_test

import (
	"errors"
	"strings"
	"testing"

	"entente/internal/format/blocklist"
)

// A refusal says what is wrong, once: whoever wraps it says that it is one.
func TestARefusalSaysWhatIsWrong(t *testing.T) {
	_, err := blocklist.ByName("nosuch")
	if !errors.Is(err, blocklist.ErrInvalid) || strings.Contains(err.Error(), blocklist.ErrInvalid.Error()) || !strings.Contains(err.Error(), "rpz") {
		t.Errorf("%v", err)
	}
}

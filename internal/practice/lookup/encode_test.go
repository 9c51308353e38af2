package lookup

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// Every answer that there can be is written as encoding/json writes it: what is
// added to an answer must be written, too.
func TestAppendJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := rapid.Make[Answer]().Draw(rt, "answer")
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(a); err != nil {
			rt.Fatal(err)
		}
		if got := a.AppendJSON(nil); string(got)+"\n" != want.String() {
			rt.Fatalf("\n%s\n%s", got, &want)
		}
	})
}

package playbook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"entente/internal/practice/playbook"
)

// id is a made-up identifier.
func id(typ string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n) }

// isolate is a small playbook that is right, with space of its own.
var isolate = `{ "type": "playbook", "spec_version": "cacao-2.0", "id": "` + id("playbook", 1) + `",
  "name": "Isolate a host", "created_by": "` + id("identity", 1) + `", "created": "2026-05-01T10:00:00.000Z", "modified": "2026-05-01T10:00:00.000Z",
  "workflow_start": "` + id("start", 1) + `",
  "workflow": {
    "` + id("start", 1) + `": {"type": "start", "on_completion": "` + id("action", 2) + `"},
    "` + id("action", 2) + `": {"type": "action", "name": "Unplug it", "commands": [{"type": "manual", "command": "Pull the cable.\nTell the shift."}], "agent": "` + id("individual", 1) + `", "on_completion": "` + id("if-condition", 3) + `"},
    "` + id("if-condition", 3) + `": {"type": "if-condition", "condition": "it is a server", "on_true": "` + id("action", 4) + `", "on_completion": "` + id("end", 5) + `"},
    "` + id("action", 4) + `": {"type": "action", "name": "Fail over", "commands": [{"type": "bash", "command_b64": "cm0gLXJmIC8="}], "agent": "` + id("individual", 1) + `", "on_success": "` + id("end", 5) + `", "on_failure": "` + id("end", 5) + `"},
    "` + id("end", 5) + `": {"type": "end"}
  },
  "agent_definitions": {"` + id("individual", 1) + `": {"type": "individual", "name": "The shift"}}
}`

func read(t *testing.T, raw string) *playbook.Playbook {
	t.Helper()
	p, err := playbook.Read([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCheckTellsWhatIsWrong(t *testing.T) {
	if found := read(t, isolate).Check(); len(found) > 0 {
		t.Fatalf("the playbook that is right: %+v", found)
	}
	for _, c := range []struct{ was, is, at, say string }{
		{"cacao-2.0", "cacao-1.0", "spec_version", "cacao-1.0"},
		{`"id": "playbook--`, `"id": "book--`, "id", "playbook--UUID"},
		{`"name": "Isolate a host", `, "", "name", "missing"},
		{`"created": "2026-05-01T10:00:00.000Z"`, `"created": "yesterday"`, "created", "no time"},
		{`"workflow_start": "` + id("start", 1), `"workflow_start": "` + id("end", 5), "workflow_start", "want start"},
		{`"workflow_start": "` + id("start", 1), `"workflow_start": "` + id("start", 9), "workflow_start", "not a step"},
		{`"on_completion": "` + id("action", 2), `"on_completion": "` + id("action", 9), "workflow." + id("start", 1) + ".on_completion", "not a step"},
		{`"on_true": "` + id("action", 4), `"on_true": "` + id("end", 5), "workflow." + id("action", 4), "never come to"},
		{`"on_success": "` + id("end", 5), `"on_success": "` + id("action", 2), "workflow." + id("action", 4) + ".on_success", "leads back"},
		{`"on_success": "` + id("end", 5), `"on_completion": "` + id("end", 5), "workflow." + id("action", 4), "one or the other"},
		{`"type": "manual"`, `"type": "shout"`, "workflow." + id("action", 2) + ".commands[0].type", "shout"},
		{`cm0gLXJmIC8=`, `%%`, "workflow." + id("action", 4) + ".commands[0].command_b64", "base64"},
		{`"condition": "it is a server", `, "", "workflow." + id("if-condition", 3) + ".condition", "missing"},
		{`{"type": "end"}`, `{"type": "single"}`, "workflow." + id("end", 5) + ".type", "single"},
		{`"agent_definitions": {"` + id("individual", 1), `"agent_definitions": {"` + id("individual", 2), "workflow." + id("action", 2) + ".agent", "agent_definitions"},
	} {
		changed := strings.Replace(isolate, c.was, c.is, 1)
		if changed == isolate {
			t.Fatalf("%q is not there", c.was)
		}
		told := ""
		for _, f := range read(t, changed).Check() {
			told += f.At + " " + f.Message + "\n"
		}
		if !strings.Contains(told, c.at+" ") || !strings.Contains(told, c.say) {
			t.Errorf("with %q it is told %q, want %q at %s", c.is, told, c.say, c.at)
		}
	}
}

func TestInstructionsAreNumbered(t *testing.T) {
	all := read(t, isolate).Instructions()
	text := ""
	for _, i := range all {
		text += fmt.Sprintf("%d %s: %s | %s\n", i.Number, i.Title, strings.Join(i.Lines, ", "), strings.Join(i.Then, ", "))
	}
	const want = `1 start:  | Then: step 2
2 Unplug it: Pull the cable., Tell the shift., By: The shift | Then: step 3
3 if-condition:  | If it is a server: step 4, Then: step 5
4 Fail over: A command of the type bash, which is not run here:, rm -rf /, By: The shift | When it has worked: step 5, When it has failed: step 5
5 end:  | 
`
	if text != want {
		t.Errorf("the instructions are\n%s\nwant\n%s", text, want)
	}
}

// The producer's bytes come out as they went in.
func TestCarriedAsItIs(t *testing.T) {
	properties, err := playbook.Wrap(read(t, isolate), []byte(isolate))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := playbook.Unwrap(properties)
	if err != nil || string(raw) != isolate {
		t.Errorf("%v: %s", err, raw)
	}
	for _, object := range []string{`{}`, `[]`, `{"extensions":{"` + playbook.Extension + `":{"playbook_base64":"%"}}}`} {
		if _, err := playbook.Unwrap([]byte(object)); !errors.Is(err, playbook.ErrNotRead) {
			t.Errorf("%s: %v", object, err)
		}
	}
	for _, raw := range []string{"", "null", `{"type":"bundle"}`, isolate + "x", `{"type":"playbook","workflow":{"a":null}}`, strings.Repeat(" ", playbook.MaxBytes) + isolate} {
		if _, err := playbook.Read([]byte(raw)); !errors.Is(err, playbook.ErrNotRead) {
			t.Errorf("%.40q: %v", raw, err)
		}
	}
}

// Whatever is read has instructions, one for each step, and nothing hangs.
func FuzzRead(f *testing.F) {
	f.Add([]byte(isolate))
	f.Add([]byte(`{"type":"playbook","workflow":{"a":{"on_completion":"a"},"b":{"cases":{"x":"a","y":"c"}}},"workflow_start":"b"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := playbook.Read(raw)
		if err != nil {
			return
		}
		p.Check()
		all := p.Instructions()
		if len(all) != len(p.Workflow) {
			t.Errorf("%d instructions for %d steps", len(all), len(p.Workflow))
		}
		if b, err := json.Marshal(all); err != nil || bytes.Contains(b, []byte(`"number":0`)) {
			t.Errorf("%v: %s", err, b)
		}
	})
}

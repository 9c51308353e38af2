package sealed_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"entente/internal/sealed"
)

const secret = "TLP:RED the plan"

// Every usual way to turn a value into text or bytes, tried on a sealed body,
// on a struct that holds one, on a pointer, in a slice and in a map.
func TestNoWayOutShowsContent(t *testing.T) {
	body := sealed.Seal([]byte(secret))
	holders := map[string]any{
		"value":   body,
		"pointer": &body,
		"struct":  struct{ Body sealed.Body }{body},
		"slice":   []sealed.Body{body},
		"map":     map[string]sealed.Body{"k": body},
		"error":   fmt.Errorf("object %v", body),
	}
	for name, v := range holders {
		var out []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%U", "%b"} {
			out = append(out, fmt.Sprintf(verb, v))
		}
		j, _ := json.Marshal(v)
		x, _ := xml.Marshal(v)
		var g, s, tmpl bytes.Buffer
		_ = gob.NewEncoder(&g).Encode(v)
		slog.New(slog.NewJSONHandler(&s, nil)).Info("m", "v", v)
		slog.New(slog.NewTextHandler(&s, nil)).Info("m", "v", v)
		_ = template.Must(template.New("").Parse("{{.}}")).Execute(&tmpl, v)
		out = append(out, string(j), string(x), g.String(), s.String(), tmpl.String(), recovered(v))
		for _, text := range out {
			for _, leak := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprint([]byte(secret)), "the plan"} {
				if strings.Contains(text, leak) {
					t.Errorf("%s leaks: %s", name, text)
				}
			}
		}
	}
}

func recovered(v any) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	panic(v)
}

func TestMarshallingASealedBodyFails(t *testing.T) {
	_, err := json.Marshal(sealed.Seal([]byte(`{"a":1}`)))
	if !errors.Is(err, sealed.ErrSealed) {
		t.Fatalf("json.Marshal: %v, want ErrSealed", err)
	}
	_, err = sealed.Seal(nil).MarshalBinary()
	if !errors.Is(err, sealed.ErrSealed) {
		t.Fatalf("MarshalBinary: %v, want ErrSealed", err)
	}
}

func TestOpenGivesTheSameBytes(t *testing.T) {
	if got := sealed.Open(sealed.Seal([]byte(secret))); string(got) != secret {
		t.Fatalf("Open gave %q", got)
	}
}

package match

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestUnreadSaysWhich: the texts without which there may be a match, and no others.
func TestUnreadSaysWhich(t *testing.T) {
	one := func(second, kind, lit string) string {
		return `{"type":"observed-data","first_observed":"2024-03-01T10:00:` + second + `Z","objects":{"0":{"type":"candle","kind":"` + kind + `","lit":["2024-01-01T00:00:00Z","` + lit + `"]}}}`
	}
	all := Plain(read(t, one("00", "wax", "noon"), one("01", "oil", "dusk"), one("02", "wax", "2024-02-30T00:00:00Z")))
	const late = "candle:lit[*] > t'2024-06-01T00:00:00Z'"
	for pattern, want := range map[string]string{
		"[" + late + "]":                                                                        "0 noon",
		"[" + late + " AND candle:kind = 'oil']":                                                "1 dusk",
		"[" + late + " AND candle:kind = 'wax'] REPEATS 2 TIMES":                                "0 noon, 2 2024-02-30T00:00:00Z",
		"[" + late + " AND candle:kind = 'wax'] REPEATS 3 TIMES":                                "",
		"[candle:kind = 'oil'] AND [" + late + "]":                                              "0 noon",
		"[candle:kind = 'oil' OR " + late + "] FOLLOWEDBY [" + late + "]":                       "0 noon, 1 dusk",
		"[candle:kind = 'tar' AND " + late + "]":                                                "",
		"[candle:lit[0] > t'2024-06-01T00:00:00Z']":                                             "",
		"[candle:lit[*] = 'morning']":                                                           "",
		"[" + late + "] START t'2024-03-01T10:00:01Z' STOP t'2024-03-01T10:00:02Z'":             "1 dusk",
		"[candle:lit[1] = t'2024-06-01T00:00:00Z' OR candle:lit[1] != t'2024-06-01T00:00:00Z']": "0 noon",
	} {
		m, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := m.Match(all); found != nil || err != nil {
			t.Errorf("%s: %v, %v; want no match", pattern, found, err)
		}
		texts, err := m.Unread(all)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range texts {
			got = append(got, fmt.Sprint(u.Observation, " ", u.Text))
			if !strings.HasPrefix(u.Path, "candle:lit[") {
				t.Errorf("%s: path %s", pattern, u.Path)
			}
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%s: unread %q, want %q", pattern, got, want)
		}
	}
}

// TestUnreadDecidesNothing: a match, and none where nothing is told as unread, stay so with
// any timestamps in the place of what is none.
func TestUnreadDecidesNothing(t *testing.T) {
	days := []any{"2024-05-01T00:00:00Z", "2024-05-02T00:00:00Z", "2024-05-03T00:00:00Z", "2024-05-04T00:00:00Z"}
	told, decided := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		test := rapid.Custom(func(t *rapid.T) string {
			path := rapid.SampledFrom([]string{"x:lit", "x:out", "x:on[*]"}).Draw(t, "path")
			op := rapid.SampledFrom([]string{"=", "!=", "<", ">=", "NOT =", "NOT >"}).Draw(t, "operator")
			return path + " " + op + " t'" + rapid.SampledFrom(days[1:3]).Draw(t, "day").(string) + "'"
		})
		text := test.Draw(t, "comparison")
		for range rapid.IntRange(0, 3).Draw(t, "more") {
			text = "(" + text + rapid.SampledFrom([]string{" AND ", " OR "}).Draw(t, "operator") + test.Draw(t, "comparison") + ")"
		}
		m, err := Compile("[" + text + "]")
		if err != nil {
			t.Fatal(err)
		}
		values := rapid.SliceOfN(rapid.SampledFrom(append([]any{"soon", "soon"}, days...)), 4, 4).Draw(t, "values")
		seen := func(values []any) []Observation {
			properties := map[string]any{"lit": values[0], "out": values[1], "on": values[2:]}
			return []Observation{{First: time.Unix(0, 0), Objects: []*Object{{Type: "x", Properties: properties}}}}
		}
		found, err := m.Match(seen(values))
		if err != nil {
			t.Fatal(err)
		}
		unread, err := m.Unread(seen(values))
		if err != nil {
			t.Fatal(err)
		}
		if found == nil && len(unread) > 0 {
			told++
			return
		}
		decided++
		for _, meant := range allMeant(values, days) {
			if again, _ := m.Match(seen(meant)); (again != nil) != (found != nil) {
				t.Fatalf("%s: %v match is %v, with %v it is %v", text, values, found != nil, meant, again != nil)
			}
		}
	})
	if told == 0 || decided == 0 {
		t.Errorf("%d told, %d decided", told, decided)
	}
}

// allMeant are the values with each timestamp in the place of each that is none.
func allMeant(values, days []any) [][]any {
	at := slices.Index(values, "soon")
	if at < 0 {
		return [][]any{values}
	}
	var all [][]any
	for _, day := range days {
		meant := slices.Clone(values)
		meant[at] = day
		all = append(all, allMeant(meant, days)...)
	}
	return all
}

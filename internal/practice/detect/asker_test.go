package detect_test

import (
	"fmt"
	"strings"
	"testing"
)

const small = "[process:command_line LIKE '%mimikatz%' AND process:pid = 7]"

// What takes long to ask of a line is not asked, and told; what others ask for beside it is.
func TestHardQuestionsLeaveRoomForOthers(t *testing.T) {
	patterns := []string{small}
	for i := range 100 {
		patterns = append(patterns, fmt.Sprintf("[process:command_line MATCHES 'mimikatz(.*a.?){100}%dx$']", i),
			fmt.Sprintf("[process:command_line LIKE '%%mimikatz%%%s_%dx%%']", strings.Repeat("a", 2000), i))
	}
	patterns = append(patterns, strings.Replace(small, "pid", "pid != 1 AND process:pid", 1))
	line := fmt.Sprintf(`{"EventID":1,"ProcessId":7,"CommandLine":"mimikatz %s"}`, strings.Repeat("a", 3000)) + "\n"
	got, stats := told(t, setOf(t, patterns...), line+`{"EventID":1,"ProcessId":7,"CommandLine":"ls"}`+"\n"+line)
	if len(got) != 4 {
		t.Errorf("hits %q; the first and the last pattern hit in two lines", got)
	}
	if stats.Unasked != 2 {
		t.Errorf("%d lines of which not all was asked, not 2", stats.Unasked)
	}
	_, stats = told(t, setOf(t, patterns...), `{"EventID":1,"ProcessId":7,"CommandLine":"mimikatz a"}`)
	if stats.Unasked != 0 {
		t.Errorf("a short line is not asked all")
	}
}

// More questions than are kept ready are asked little by little.
func TestMoreQuestionsThanAreKept(t *testing.T) {
	var numbers []string
	for i := range 2500 {
		numbers = append(numbers, fmt.Sprint(i))
	}
	patterns := []string{}
	for i := range 200 { // 14 kilobytes each
		numbers[0] = fmt.Sprint(10_000 + i)
		patterns = append(patterns, "[process:command_line LIKE '%mimikatz%' AND process:pid IN ("+strings.Join(numbers, ",")+")]")
	}
	line := `{"EventID":1,"ProcessId":7,"CommandLine":"mimikatz a"}` + "\n"
	s := setOf(t, patterns...)
	first, stats := told(t, s, line)
	if len(first) == 0 || len(first) > 100 || stats.Unasked != 1 {
		t.Errorf("%d of 200 are asked at the first line, %d lines not wholly", len(first), stats.Unasked)
	}
	if all, _ := told(t, s, strings.Repeat(line, 10)); len(all) < 10*len(first) {
		t.Errorf("%d hits in ten lines more", len(all))
	}
	for i := range 150 {
		s.Remove(id(i))
	}
	told(t, s, strings.Repeat(line, 20))
	if got, stats := told(t, s, line); len(got) != 50 || stats.Unasked != 0 {
		t.Errorf("%d of 50 are asked when all are ready", len(got))
	}
}

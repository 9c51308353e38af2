package stix_test

import (
	"fmt"
	"strings"

	"entente/stix"
)

func ExampleValidate() {
	raw := `{
  "type": "tool", "spec_version": "2.1", "id": "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
  "created": "2016-04-06T20:03:48.000Z", "modified": "2016-04-06T20:03:48.000Z",
  "name": "VNC", "tool_types": ["remote access"],
  "kill_chain_phases": [{"kill_chain_name": "mitre-attack"}]
}`
	for _, f := range stix.Validate([]byte(raw)) {
		fmt.Printf("%d:%d: %s: %s: %s\n", f.Line, f.Column, f.Severity, f.Rule, f.Message)
	}
	// Output:
	// 4:33: warning: open-vocabulary: "remote access" is not in tool-type-ov
	// 4:33: warning: open-vocabulary-form: "remote access" is not in lower case with hyphens
	// 5:25: error: missing-property: phase_name is missing
}

func ExampleValidateAll() {
	input := strings.NewReader(`{"type": "mutex", "id": "mutex--f93fe911-e545-4239-b9b0-597840d0c871", "name": "_"}
{"type": "mutex", "id": "mutex--f93fe911-e545-4239-b9b0-597840d0c871"}`)
	for f, err := range stix.ValidateAll(input, stix.WithoutRules("uuid-version")) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(f)
	}
	// Output:
	// mutex--f93fe911-e545-4239-b9b0-597840d0c871: name is missing (STIX 2.1 section 6.11); add it
}

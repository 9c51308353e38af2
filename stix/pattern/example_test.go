package pattern_test

import (
	"errors"
	"fmt"

	"entente/stix/pattern"
)

func ExampleParse() {
	p, err := pattern.Parse("[ipv4-addr:value='198.51.100.7' OR url:value LIKE 'https://example.org/%']")
	if err != nil {
		fmt.Println(err)
		return
	}
	for c := range p.Comparisons() {
		fmt.Println(c.Path, "|", c.Op, "|", c.Value.Text)
	}
	fmt.Println(p)
	// Output:
	// ipv4-addr:value | = | 198.51.100.7
	// url:value | LIKE | https://example.org/%
	// [ipv4-addr:value = '198.51.100.7' OR url:value LIKE 'https://example.org/%']
}

func ExampleError_Caret() {
	_, err := pattern.Parse("[file:hashes.SHA-256 = 'd7a8fbb3']")
	if e, ok := errors.AsType[*pattern.Error](err); ok {
		fmt.Println(e)
		fmt.Println(e.Caret())
	}
	// Output:
	// pattern at 1:14: found "SHA-256", expected a property name; quote this property name: 'SHA-256'
	// [file:hashes.SHA-256 = 'd7a8fbb3']
	//              ^
}

func ExampleCheck() {
	for _, problem := range pattern.Check("[file:size > '9' AND url:value = 'a'] WITHIN 0 SECONDS") {
		fmt.Println(problem.Severity, problem.Column, problem.Rule, problem.Section)
	}
	// Output:
	// warning 14 data-type 9.6.1
	// warning 22 and-types 9.5
	// error 46 within 9.5.1
}

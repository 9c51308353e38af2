package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"entente/internal/spelling"
)

// written is one setting as a file has it.
type written struct {
	place  string // FILE:LINE
	values []string
}

// readConfig reads a file of settings: one JSON object of flags' names and
// values. A name that no flag has, or a value that is not of the flag's type,
// is a mistake that would otherwise be silent. It goes on after a mistake while
// the file can be read.
func readConfig(path string, flags map[string][]*pflag.Flag) (map[string]written, []error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, []error{err}
	}
	settings := map[string]written{}
	var problems []error
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber() // a number is given to its flag as it is written
	place := func() string { return fmt.Sprintf("%s:%d", path, 1+bytes.Count(b[:d.InputOffset()], []byte("\n"))) }
	err = eachMember(d, func(name string) error {
		at := place()
		var value any
		if err := d.Decode(&value); err != nil {
			return err
		}
		values, err := valuesFor(name, value, flags)
		if first, twice := settings[name]; twice && err == nil {
			err = fmt.Errorf("%q is set before, at %s", name, first.place)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", at, err))
			return nil
		}
		settings[name] = written{at, values}
		return nil
	})
	if err != nil {
		problems = append(problems, fmt.Errorf("%s: %w; write a JSON object of flags' names and values, as {\"listen\": \"127.0.0.1:8470\"}", place(), err))
	}
	return settings, problems
}

// eachMember calls f for each member of the one object that d holds; f reads
// the value.
func eachMember(d *json.Decoder, f func(name string) error) error {
	if t, err := d.Token(); err != nil {
		return atEnd(err)
	} else if t != json.Delim('{') {
		return fmt.Errorf("found %v instead of an object", t)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return atEnd(err)
		}
		if err := f(name.(string)); err != nil { // in an object, what is no string is an error of Token
			return atEnd(err)
		}
	}
	if _, err := d.Token(); err != nil {
		return atEnd(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one object")
	}
	return nil
}

func atEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the object does not end")
	}
	return err
}

// valuesFor are the texts that a flag is set to, one after the other.
func valuesFor(name string, value any, flags map[string][]*pflag.Flag) ([]string, error) {
	if len(flags[name]) == 0 {
		return nil, fmt.Errorf("%q is not the name of a flag%s", name, spelling.Meant(name, maps.Keys(flags)))
	}
	for _, f := range flags[name] { // verbs may differ in what they take by one name
		if values, ok := textsFor(f, value); ok {
			return values, nil
		}
	}
	best := flags[name][0]
	for _, f := range flags[name] {
		if f.DefValue != "" && best.DefValue == "" {
			best = f // its default is the better example
		}
	}
	return nil, wrongType(best, value)
}

func textsFor(f *pflag.Flag, value any) (values []string, ok bool) {
	list, isList := value.([]any)
	if _, takes := f.Value.(pflag.SliceValue); isList && !takes {
		return nil, false
	}
	if !isList {
		list = []any{value}
	}
	for _, v := range list {
		text, ok := textFor(f, v)
		if !ok {
			return nil, false
		}
		values = append(values, text)
	}
	return values, true
}

// textFor is a value as its flag takes it; not ok when it is of another type.
func textFor(f *pflag.Flag, value any) (text string, ok bool) {
	switch v := value.(type) {
	case bool:
		return fmt.Sprint(v), f.Value.Type() == "bool"
	case json.Number:
		return v.String(), isNumber(f) || f.Value.Type() == "size"
	case string:
		return v, f.Value.Type() != "bool" && !isNumber(f)
	}
	return "", false // null, an object
}

func isNumber(f *pflag.Flag) bool {
	switch f.Value.Type() {
	case "int", "int64", "float64":
		return true
	}
	return false
}

func wrongType(f *pflag.Flag, value any) error {
	shown, err := json.Marshal(value)
	if err != nil || len(shown) > 60 {
		shown = []byte("something else")
	}
	what, example := wanted(f), exampleOf(f)
	if !isNumber(f) && f.Value.Type() != "bool" {
		example = fmt.Sprintf("%q", example)
	}
	return fmt.Errorf("%s is %s: give %s, as {%q: %s}", f.Name, shown, what, f.Name, example)
}

// wanted says in words what a flag takes.
func wanted(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return "true or false"
	case "int", "int64":
		return "a whole number"
	case "float64":
		return "a number"
	case "duration":
		return "a duration"
	case "size":
		return "a number of bytes"
	case "stringArray", "stringSlice":
		return "a text or a list of texts"
	}
	return "a text"
}

// exampleOf is a value that a flag takes: its default, if it has one.
func exampleOf(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "[]", "0", "0s", "false":
	default:
		if !strings.HasPrefix(f.DefValue, "[") {
			return f.DefValue
		}
	}
	switch f.Value.Type() {
	case "bool":
		return "true"
	case "int", "int64", "float64":
		return "100"
	case "duration":
		return "5s"
	case "size":
		return "1MiB"
	}
	name, _ := pflag.UnquoteUsage(f)
	return name
}

package pebble

import "fmt"

// keyText is a key in readable form, for messages.
func keyText(key []byte) string {
	if len(key) == 0 {
		return "the empty key"
	}
	return fmt.Sprintf("%c %x", key[0], key[1:])
}

package stix

import (
	"fmt"
	"slices"
	"strings"
)

// digestLengths are the lengths, in hexadecimal digits, of the algorithms that
// have one: those of hash-algorithm-ov (section 10.7) and others that are seen
// under their usual names.
var digestLengths = map[string]int{
	"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-512": 128, "SHA3-256": 64, "SHA3-512": 128,
	"SHA-224": 56, "SHA-384": 96, "SHA3-224": 56, "SHA3-384": 96, "RIPEMD-160": 40, "WHIRLPOOL": 128,
}

// hashes is the type of section 2.7.
func hashes(c *checker, n int32) {
	if !c.is(n, objectNode, "a dictionary of hashes") {
		return
	}
	if c.nodes[n].size == 0 {
		c.must(n, ruleEmptyDict, "2.7", "there is no hash", "leave the property out, or give it a hash")
	}
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		c.push(c.nodes[i].name)
		c.hashName(i)
		if c.is(i, stringNode, "a string") {
			c.hashValue(i)
		}
		c.pop()
	}
}

func (c *checker) hashName(n int32) {
	name := c.nodes[n].name
	switch {
	case len(name) < 3 || len(name) > 250:
		c.must(n, ruleDictKey, "2.7", fmt.Sprintf("the name of the algorithm has %d characters", len(name)), "use 3 to 250")
	case !isKey(name):
		c.must(n, ruleDictKey, "2.7", "the name "+quoted(name)+" has other characters than a-z, A-Z, 0-9, hyphen and underscore", "rename it")
	case !slices.Contains(hashAlgorithms.terms, name) && !strings.HasPrefix(name, "x_"):
		c.should(n, ruleHashName, "10.7", quoted(name)+" is not in hash-algorithm-ov", hashAlgorithms.suggestHash(name))
	}
	if len(name) > 30 && len(name) <= 250 {
		c.should(n, ruleHashName, "2.7", "the name of the algorithm has more than 30 characters", "use a shorter one")
	}
}

// suggestHash names the algorithm that sha256 or Sha_256 stand for.
func (v *vocabulary) suggestHash(name string) string {
	squeeze := func(s string) string {
		return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(shorten(s)))
	}
	for _, t := range v.terms {
		if squeeze(t) == squeeze(name) {
			return "write " + t
		}
	}
	return "use " + oneOf(v.terms) + ", or begin it with x_"
}

func (c *checker) hashValue(n int32) {
	name, value := c.nodes[n].name, c.nodes[n].text
	length, known := digestLengths[name]
	switch {
	case known && len(value) != length:
		c.must(n, ruleHashValue, "10.7", fmt.Sprintf("a digest of %s has %d hexadecimal digits, not %d", name, length, len(value)), "give the whole digest")
	case known && !isHex(value):
		c.must(n, ruleHashValue, "10.7", "the digest is not hexadecimal", "write 0-9 and a-f only")
	case name == "SSDEEP" && !isSSDEEP(value):
		c.must(n, ruleHashValue, "10.7", quoted(value)+" is not an ssdeep hash", "write it as blocksize:hash:hash")
	case name == "TLSH" && !isTLSH(value):
		c.must(n, ruleHashValue, "10.7", quoted(value)+" is not a TLSH hash", "give its 70 hexadecimal digits, with or without T1 before them")
	}
}

// isSSDEEP tells whether s reads as a block size and two base64 strings.
func isSSDEEP(s string) bool {
	size, rest, ok := strings.Cut(s, ":")
	first, second, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || size == "" || strings.Trim(size, "0123456789") != "" {
		return false
	}
	second, _, _ = strings.Cut(second, ",") // ssdeep's own output goes on with the file's name
	for _, part := range []string{first, second} {
		for i := range len(part) {
			if b := part[i]; b != '+' && b != '/' && b-'0' > 9 && b|0x20-'a' > 25 {
				return false
			}
		}
	}
	return true
}

// isTLSH tells whether s is 35 bytes in hexadecimal, after the version T1 that
// later tools write before it.
func isTLSH(s string) bool {
	s = strings.TrimPrefix(s, "T1")
	return len(s) == 70 && isHex(s)
}

package pattern

import (
	"slices"
	"strings"
)

// digest checks the text of a hash against its algorithm. It looks at every
// path that goes through "hashes", on custom types too.
func (c *checker) digest(e *Comparison, v Constant) {
	if v.Kind != String || e.Op != Equal && e.Op != NotEqual && e.Op != In {
		return
	}
	steps := e.Path.Steps
	last := steps[len(steps)-1]
	through := slices.ContainsFunc(steps[:len(steps)-1], func(s Step) bool { return s.Name == "hashes" })
	if !through || last.Kind != Property {
		return
	}
	name, ok := digestForm(plainAlgorithm(last.Name), v.Text)
	if ok {
		return
	}
	r := ruleDigest
	if name == "TLSH" {
		r = ruleDigestGuess // its versions differ in length
	}
	c.report(r, v.Pos, shorten(v.Text)+" is not a valid "+name+" hash", "")
}

// plainAlgorithm is the name of a hash algorithm as people vary it least.
func plainAlgorithm(name string) string {
	return strings.ToUpper(strings.ReplaceAll(name, "-", ""))
}

// digestForm tells whether a text has the form of an algorithm's digests, and
// the algorithm's right name. Of unknown algorithms any text has it.
func digestForm(algorithm, text string) (name string, ok bool) {
	digits := func(lengths ...int) bool {
		return slices.Contains(lengths, len(text)) && isHex(text)
	}
	switch algorithm {
	case "MD5":
		return "MD5", digits(32)
	case "MD6":
		return "MD6", digits(32, 40, 56, 64, 96, 128)
	case "RIPEMD160":
		return "RIPEMD-160", digits(40)
	case "SHA1":
		return "SHA-1", digits(40)
	case "SHA224":
		return "SHA-224", digits(56)
	case "SHA256":
		return "SHA-256", digits(64)
	case "SHA384":
		return "SHA-384", digits(96)
	case "SHA512":
		return "SHA-512", digits(128)
	case "SHA3224":
		return "SHA3-224", digits(56)
	case "SHA3256":
		return "SHA3-256", digits(64)
	case "SHA3384":
		return "SHA3-384", digits(96)
	case "SHA3512":
		return "SHA3-512", digits(128)
	case "WHIRLPOOL":
		return "WHIRLPOOL", digits(128)
	case "SSDEEP":
		return "SSDEEP", isSSDeep(text)
	case "TLSH":
		return "TLSH", strings.HasPrefix(text, "T1") && len(text) == 72 || digits(70)
	}
	return "", true
}

func isSSDeep(text string) bool {
	for i := range len(text) {
		if c := text[i]; !isBase64(c) && c != ':' && c != '.' {
			return false
		}
	}
	return text != "" && len(text) <= 128
}

// vocabulary is hash-algorithm-ov of STIX 2.1 section 10.7.
func vocabulary(name string) bool {
	switch name {
	case "MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA3-512", "SSDEEP", "TLSH":
		return true
	}
	return false
}

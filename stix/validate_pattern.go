package stix

// patternProblems checks a STIX pattern (section 9).
func patternProblems(text string) []patternProblem {
	return nil
}

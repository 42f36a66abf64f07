package differential_test

import "slices"

// allCases are those of all files.
func allCases() []differentialCase {
	return slices.Concat(headCases, bodyCases(), trailerCases(), pauseCases(), replyCases(),
		callCases, rpcCases, propertyCases, secureCases, stateCases, trapCases, lifeCases(), metadataCases)
}

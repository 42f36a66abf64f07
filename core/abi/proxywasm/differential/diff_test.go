package differential_test

import "strings"

// compare shows how two lists of lines differ, "" when they do not. Lines that
// both have stand behind two blanks.
func compare(envoy, weir []string) string {
	// The longest common subsequence, by its lengths from each pair of places on.
	length := make([][]int, len(envoy)+1)
	for i := range length {
		length[i] = make([]int, len(weir)+1)
	}
	for i := len(envoy) - 1; i >= 0; i-- {
		for j := len(weir) - 1; j >= 0; j-- {
			if envoy[i] == weir[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	if n := len(envoy); n == len(weir) && length[0][0] == n {
		return ""
	}
	var b strings.Builder
	for i, j := 0, 0; i < len(envoy) || j < len(weir); {
		switch {
		case i < len(envoy) && j < len(weir) && envoy[i] == weir[j]:
			b.WriteString("  " + envoy[i] + "\n")
			i, j = i+1, j+1
		case j == len(weir) || i < len(envoy) && length[i+1][j] >= length[i][j+1]:
			b.WriteString("- " + envoy[i] + "\n")
			i++
		default:
			b.WriteString("+ " + weir[j] + "\n")
			j++
		}
	}
	return b.String()
}

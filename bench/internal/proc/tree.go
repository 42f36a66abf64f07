package proc

import (
	"os"
	"slices"
	"strconv"
)

// treeOf is the process and all that descend from it, itself first.
func treeOf(root int) []int {
	children := map[int][]int{}
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if s, err := readStat(pid); err == nil {
			children[s.parent] = append(children[s.parent], pid)
		}
	}
	tree := []int{root}
	for i := 0; i < len(tree); i++ {
		for _, child := range children[tree[i]] {
			if !slices.Contains(tree, child) {
				tree = append(tree, child)
			}
		}
	}
	return tree
}

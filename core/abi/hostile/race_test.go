//go:build race

package hostile_test

// race says that the tests look for data races, which takes memory of its own
// for all that is touched.
const race = true

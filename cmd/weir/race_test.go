//go:build race

package main_test

// race says that the tests look for data races, in the program too.
const race = true

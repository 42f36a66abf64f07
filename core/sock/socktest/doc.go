// Package socktest has addresses at which something is wrong, for tests of what connects.
//
// Start at [Refusing].
package socktest

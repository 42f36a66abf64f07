// Package hostile runs filters that mean harm in a real proxy, and sees that
// they do none. It has tests only: see README.md.
package hostile

// Package core is the proxy's engine. It holds no code itself: its folders
// do, and ARCHITECTURE.md says what is in each and how a request passes them.
// RATIONALE.md says why.
package core

//go:build !race

package require

// Racing says that the race detector is on.
const Racing = false

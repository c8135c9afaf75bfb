//go:build race

package require

// Racing says that the race detector is on. It makes everything five times as long, and the thousandth run of the lab shows
// no race that the hundredth has not shown: of such runs it sees a few. `make proof` has them all, without it.
const Racing = true

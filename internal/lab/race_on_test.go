//go:build race

package lab

// racing says that the race detector is on. It makes everything five times as long, and the thousandth run of the lab shows
// no race that the hundredth has not shown: of the runs that prove checks it sees one in ten. `make proof` has them all.
const racing = true

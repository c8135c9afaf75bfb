//go:build !race

package lab

const racing = false

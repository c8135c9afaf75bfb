package provision

import (
	"fmt"
	"net/http"
	"time"

	"slipway/internal/target"
)

// How often and when a try is repeated (lcm §1.14).
var lostWaits = []time.Duration{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute}

const (
	busyTries   = 10              // with the tenth 429 the operation fails
	busyWait    = 5 * time.Minute // where the target does not say how long, doubled each time
	shortest    = time.Second     // "Retry-After: 0" is no invitation to a storm
	longest     = time.Hour       // no single wait is longer, whatever the target asks for
	jitterShare = 5               // waits are up to a fifth longer, never shorter, so that not all come back at once
)

// wait returns how long to wait after the tries-th failed try, and whether that was not the last. spread is
// between 0 and 1.
func wait(f *target.Failure, tries int, spread float64) (time.Duration, bool) {
	var d time.Duration
	more := tries <= len(lostWaits)
	switch {
	case f.Kind == target.Busy && f.After > 0:
		d, more = f.After, tries < busyTries
	case f.Kind == target.Busy && f.Status == http.StatusTooManyRequests:
		d, more = busyWait<<min(tries-1, 8), tries < busyTries
	default:
		d = lostWaits[min(tries, len(lostWaits))-1]
	}
	d = min(max(d, shortest), longest)
	return d + time.Duration(spread*float64(d)/jitterShare), more
}

// maybeDone reports whether the target may have done what it did not confirm.
func maybeDone(f *target.Failure) bool {
	switch f.Kind {
	case target.Lost, target.Unread:
		return true
	case target.Busy:
		return f.Status != http.StatusTooManyRequests // a 503 may come from a proxy in front of a target that did it
	}
	return false
}

// again reports whether a later try may do better.
func again(f *target.Failure) bool {
	return maybeDone(f) || f.Kind == target.Busy
}

var attempting = map[Kind]string{
	Create: "create the account", Update: "update the account", Deactivate: "deactivate the account", Reactivate: "reactivate the account",
}

// failedNote is the sentence for an operation that failed for good.
func failedNote(op Operation, f *target.Failure) string {
	what := attempting[op.Kind]
	switch {
	case f.Kind == target.Gone:
		return "The account is no longer there. Retry looks for it by user name, and creates it if it is not found."
	case f.Kind == target.Taken && op.Kind == Create:
		return fmt.Sprintf("The app says that such an account exists, but does not show it under this user name. It may be deactivated, or its address may be taken. It answered: %s.", f)
	case f.Kind == target.Suspicious:
		return fmt.Sprintf("Could not %s: the app's answer cannot be trusted, so nothing was sent (%s).", what, f)
	case again(f):
		return fmt.Sprintf("Could not %s after %d tries. The app answered: %s.", what, op.Tries, f)
	}
	return fmt.Sprintf("Could not %s. The app answered: %s.", what, f)
}

// deniedReason is the sentence for an installation that pauses.
func deniedReason(f *target.Failure) string {
	if f.Status == 0 {
		return f.Detail + " Correct the address, then resume."
	}
	return fmt.Sprintf("The app refused the credentials (%s). Enter new ones, or resume when their rights are corrected.", f)
}

// throttledReason is the sentence for an installation that waits.
func throttledReason(f *target.Failure) string {
	return fmt.Sprintf("The app asks to be left alone for a while (%s). Work goes on by itself.", f)
}

// downReason is the sentence for an installation whose target fails again and again.
const downReason = "The app does not answer as it should, several times in a row. Work goes on by itself."

// Sentences for held operations.
const (
	heldExists  = "An account with this user name exists in the app, and Slipway did not make it. Adopt it for this person, or skip."
	heldLinked  = "The account with this user name belongs to another person here. Give one of them another user name, or adopt it once the other is unassigned."
	heldSeveral = "Several accounts in the app have this user name. Remove the wrong ones there, then retry."
	noteGone    = "The account was no longer there."
	noteFound   = "The account was there already, made by Slipway before."
	heldSameID  = "The app answered with the id of an account that belongs to another person here. Nothing was linked; look into the app."
)

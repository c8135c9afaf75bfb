package report

import (
	"fmt"
	"time"
)

// Waiver is a reviewer's word that one check shall not block: that it failed is accepted, and with it that it did not
// run; or, with NotRun, only the latter. What needs the waived check needs a waiver of its own: nothing passes unseen.
type Waiver struct {
	CheckID   string    `json:"check_id"`
	NotRun    bool      `json:"not_run,omitempty"`
	Reason    string    `json:"reason"`
	GrantedBy string    `json:"granted_by"`
	Expires   time.Time `json:"expires"`
}

// Accepts reports whether w lets a check end like this without blocking. That a run was broken off, or that we failed,
// is nobody's to accept.
func (w Waiver) Accepts(o Outcome) bool {
	return o == Fail && !w.NotRun || o.Open()
}

// waived says who accepted the result and until when, "" where nobody did.
func (c Result) waived() string {
	if c.Waiver == nil {
		return ""
	}
	return fmt.Sprintf("Waived by %s until %s: %s", c.Waiver.GrantedBy, c.Waiver.Expires.Format("2006-01-02"), c.Waiver.Reason)
}

// Package registry takes an integration from its first draft to its public listing.
//
// A Submission changes state only through Advance, along the table in lifecycle.go; a Listing only through
// AdvanceListing, along the same table. The package knows no SQL, no HTTP and no lab: it asks for storage
// through Store, a lab run reaches it as a Verdict, and its callers pass in the actor. Who may sign in is
// the business of access, what a field means that of manifest.
package registry

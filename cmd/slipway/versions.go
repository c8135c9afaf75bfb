package main

import (
	"context"

	"slipway/internal/provision"
	"slipway/internal/registry"
)

// versions lets installations find what the registry has published. The two rooms do not know each other.
type versions struct{ registry *registry.Service }

// Offered returns what the catalog shows under the slug.
func (v versions) Offered(ctx context.Context, slug string) (provision.Version, error) {
	listing, err := v.registry.CatalogEntry(ctx, slug)
	if err != nil {
		return provision.Version{}, err
	}
	return v.Version(ctx, listing.SubmissionID)
}

// Version returns a version that is or was published.
func (v versions) Version(ctx context.Context, submissionID string) (provision.Version, error) {
	release, err := v.registry.Release(ctx, submissionID)
	if err != nil {
		return provision.Version{}, err
	}
	return provision.Version{IntegrationID: release.IntegrationID, SubmissionID: release.SubmissionID, Content: release.Content}, nil
}

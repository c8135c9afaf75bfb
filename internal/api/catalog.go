package api

import (
	"context"
	"strings"
	"time"

	"slipway/internal/access"
	"slipway/internal/registry"
)

// Listing is the public face of an integration.
type Listing struct {
	Slug         string         `json:"slug"`
	Name         string         `json:"name"`
	Vendor       string         `json:"vendor"`
	State        registry.State `json:"state" enum:"listed,deprecated"`
	Number       int            `json:"number" doc:"The version that is shown."`
	Capabilities []Capability   `json:"capabilities" doc:"Every feature that an integration may have."`
	Content      Content        `json:"content" doc:"The fields that the catalog shows."`
	ContentHash  string         `json:"content_hash"`
	ListedAt     time.Time      `json:"listed_at" doc:"First publication."`
	PublishedAt  time.Time      `json:"published_at" doc:"Publication of this version."`
	ProvenAt     time.Time      `json:"proven_at" doc:"When the lab last passed exactly this content."`
}

// Capability is something that an integration can do, or cannot.
type Capability struct {
	Feature string `json:"feature" example:"deactivate_users"`
	Label   string `json:"label"`
	Has     bool   `json:"has"`
}

// Catalog is a list of listings.
type Catalog struct {
	Listings []Listing `json:"listings"`
}

func listingOf(l registry.Listing) Listing {
	return Listing{
		Slug: l.Slug, Name: l.Name(), Vendor: l.Vendor, State: l.State, Number: l.Number,
		Capabilities: each(l.Capabilities(), func(c registry.Capability) Capability { return Capability(c) }),
		Content:      Content(l.Public), ContentHash: l.Hash, ListedAt: l.ListedAt, PublishedAt: l.PublishedAt, ProvenAt: l.ProvenAt,
	}
}

type catalogRequest struct {
	Search  string `query:"search" doc:"Words; every one must be found."`
	UseCase string `query:"use_case"`
	Feature string `query:"feature" example:"deactivate_users"`
}

func (s *Server) listCatalog(ctx context.Context, _ access.Actor, in *catalogRequest) (*plain[Catalog], error) {
	all, err := s.Registry.Catalog(ctx, registry.CatalogQuery{Text: strings.TrimSpace(in.Search), UseCase: in.UseCase, Feature: in.Feature})
	return &plain[Catalog]{Catalog{each(all, listingOf)}}, err
}

type onListing struct {
	Slug string `path:"slug"`
}

func (s *Server) getListing(ctx context.Context, _ access.Actor, in *onListing) (*plain[Listing], error) {
	l, err := s.Registry.CatalogEntry(ctx, in.Slug)
	return &plain[Listing]{listingOf(l)}, err
}

func (s *Server) getListingLogo(ctx context.Context, _ access.Actor, in *onListing) (*file, error) {
	logo, err := s.Registry.ListingLogo(ctx, in.Slug)
	return &file{"image/png", logo.Served}, err
}

package api

import (
	"context"

	"slipway/internal/access"
	"slipway/internal/fault"
	"slipway/internal/manifest"
	"slipway/internal/registry"
)

// Progress is how complete a content is, and what is wrong with it.
type Progress struct {
	Complete bool          `json:"complete" doc:"Every section stands at 100 %."`
	Sections []Section     `json:"sections"`
	Problems []RuleProblem `json:"problems" doc:"Everything that the form marks, warnings and hints too."`
	Missing  []fault.Field `json:"missing" doc:"What keeps it below 100 %."`
}

// Section is how far one part of the form is.
type Section struct {
	Tab     manifest.Tab `json:"tab" enum:"general,scim,connector"`
	Label   string       `json:"label"`
	Done    int          `json:"done" doc:"Required fields that are valid."`
	Total   int          `json:"total" doc:"Required fields."`
	Percent int          `json:"percent"`
}

// RuleProblem is one broken rule at one field, with what to do about it.
type RuleProblem struct {
	Field      string            `json:"field" doc:"Its key; inside a table like scim.variables.0.label."`
	Rule       string            `json:"rule"`
	Severity   manifest.Severity `json:"severity" enum:"E,W,I" doc:"E stands in the way, W is shown to the reviewer, I is advice."`
	Message    string            `json:"message"`
	Fix        string            `json:"fix,omitempty"`
	Suggestion string            `json:"suggestion,omitempty" doc:"A value that can be taken over as it is."`
	Missing    bool              `json:"missing,omitempty" doc:"Nothing was given yet."`
}

func sectionsOf(r registry.Readiness) []Section {
	return each(r.Sections, func(p manifest.SectionProgress) Section { return Section(p) })
}

func ruleProblemOf(p manifest.Problem) RuleProblem {
	return RuleProblem{p.Key, p.Rule, p.Severity, p.Message, p.Fix, p.Suggestion, p.Missing}
}

func (s *Server) getProgress(ctx context.Context, who access.Actor, in *OnSubmission) (*tagged[Progress], error) {
	d, err := s.Registry.Get(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	ready, err := s.Registry.Readiness(ctx, d)
	return &tagged[Progress]{tag(d.Submission.Version), Progress{
		Complete: ready.Complete(), Sections: sectionsOf(ready), Missing: listed(ready.Missing),
		Problems: each(ready.Problems, ruleProblemOf),
	}}, err
}

-- 00021_findings.sql: what the team asks for, what the lab said, and what the team lets pass.
-- +goose Up
CREATE TABLE findings (
    id            text        PRIMARY KEY,                   -- "fnd_…"
    submission_id text        NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    round         integer     NOT NULL,                      -- in which return it was given, from 1
    phase         text        NOT NULL,                      -- registry.State it was given in
    field_key     text        NOT NULL,                      -- '' when it is about a check or the whole
    check_id      text        NOT NULL,                      -- the lab's check, '' otherwise
    severity      text        NOT NULL CHECK (severity IN ('blocking', 'advice')),
    body          text        NOT NULL,                      -- what is wrong
    fix           text        NOT NULL,                      -- what to do about it
    author        jsonb       NOT NULL,                      -- registry.Person
    created_at    timestamptz NOT NULL,                      -- UTC, like all times
    answer        text        NOT NULL CHECK (answer IN ('', 'fixed', 'disputed', 'fixed_on_server')),
    answer_note   text        NOT NULL,
    answered_by   jsonb       NOT NULL,
    answered_at   timestamptz,
    resolved_at   timestamptz                                -- NULL while the team waits for it
);
CREATE INDEX findings_submission ON findings (submission_id, created_at);

-- What became of a lab run; the run itself, with its report, is in lab_runs.
CREATE TABLE verdicts (
    run_id        text        PRIMARY KEY,                   -- a run has one verdict
    submission_id text        NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    outcome       text        NOT NULL CHECK (outcome IN ('passed', 'failed', 'not_run')),
    hash          text        NOT NULL,                      -- the content that was verified
    profile       text        NOT NULL,                      -- network or rfc
    ended_at      timestamptz NOT NULL,
    reason        text        NOT NULL,                      -- for not_run: why
    failed        jsonb       NOT NULL,                      -- []registry.FailedCheck that blocked
    waived        jsonb       NOT NULL                       -- ids of checks that failed and were waived
);
CREATE INDEX verdicts_submission ON verdicts (submission_id, ended_at);

-- A waiver belongs to the integration: the next version need not ask again.
CREATE TABLE waivers (
    id             text        PRIMARY KEY,                  -- "wvr_…"
    integration_id text        NOT NULL,
    submission_id  text        NOT NULL REFERENCES submissions (id) ON DELETE CASCADE, -- the version it was asked from
    org_id         text        NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    check_id       text        NOT NULL,
    state          text        NOT NULL CHECK (state IN ('asked', 'granted', 'refused')),
    reason         text        NOT NULL,                     -- the vendor's
    asked_by       jsonb       NOT NULL,                     -- registry.Person
    asked_at       timestamptz NOT NULL,
    decision       text        NOT NULL,                     -- the reviewer's reason
    decided_by     jsonb       NOT NULL,
    decided_at     timestamptz,
    expires_at     timestamptz                               -- the last moment at which a granted one holds
);
CREATE INDEX waivers_integration ON waivers (integration_id, asked_at);
CREATE INDEX waivers_state ON waivers (state, asked_at);
-- One request for a check of an integration at a time.
CREATE UNIQUE INDEX waivers_asked ON waivers (integration_id, check_id) WHERE state = 'asked';

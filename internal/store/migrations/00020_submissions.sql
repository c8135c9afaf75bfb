-- 00020_submissions.sql: versions of integrations, and all that belongs to one.
-- +goose Up
CREATE TABLE submissions (
    id               text        PRIMARY KEY,                -- "sub_…"
    integration_id   text        NOT NULL,                   -- "int_…": the same for all versions
    org_id           text        NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    org_name         text        NOT NULL,                   -- as it was when this version was started
    number           integer     NOT NULL,                   -- "Version 1"; a failed attempt keeps its number, so it is not unique
    state            text        NOT NULL,                   -- registry.State; only the lifecycle table sets it
    version          bigint      NOT NULL,                   -- counts every stored change: the optimistic lock
    content_version  bigint      NOT NULL,                   -- version at the last change that a decision is about
    content          jsonb       NOT NULL,                   -- manifest.Content: what was typed, without secrets
    hash             text        NOT NULL,                   -- content hash
    reviewed_content jsonb,                                  -- content when the team last returned it; NULL before
    reviewed_hash    text        NOT NULL DEFAULT '',
    logo             text        NOT NULL DEFAULT '',        -- logos.hash, '' without one; also part of the content
    created_at       timestamptz NOT NULL,                   -- UTC, like all times
    created_by       jsonb       NOT NULL,                   -- registry.Person: a name outlives its account
    updated_at       timestamptz NOT NULL,
    entered_at       timestamptz NOT NULL,                   -- into the state
    submitted_at     timestamptz,                            -- NULL before the first submit
    submitted_by     jsonb       NOT NULL,
    queued_at        timestamptz,                            -- the place in the queue, kept over resubmissions
    eta              timestamptz,                            -- NULL while the team is not to move
    published_at     timestamptz,
    assignee         jsonb       NOT NULL,
    claimed_at       timestamptz,
    round            integer     NOT NULL,                   -- how often the team has returned it
    fired            text        NOT NULL,                   -- timers that have done their work, separated by blanks
    run_id           text        NOT NULL,                   -- the lab run asked for last, '' before the first
    run_asked_at     timestamptz,
    attempts         integer     NOT NULL                    -- how often the awaited run was started
);
CREATE INDEX submissions_org ON submissions (org_id, updated_at);
CREATE INDEX submissions_integration ON submissions (integration_id);
CREATE INDEX submissions_state ON submissions (state, queued_at);
CREATE INDEX submissions_logo ON submissions (logo);
-- One version of an integration at a time is under way, and one is public.
CREATE UNIQUE INDEX submissions_open ON submissions (integration_id)
 WHERE state IN ('draft', 'verifying', 'to_review', 'vendor_review', 'to_qa', 'vendor_fix', 'final_review', 'approved', 'staged');
CREATE UNIQUE INDEX submissions_published ON submissions (integration_id) WHERE state = 'published';

-- What a field held before a save, so that two people can type into one draft without losing a word.
CREATE TABLE submission_edits (
    submission_id text        NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    version       bigint      NOT NULL,                      -- the version that the save made
    field_key     text        NOT NULL,                      -- manifest's key, "scim.baseUrl"
    was           jsonb       NOT NULL,                      -- null where it was empty
    editor        jsonb       NOT NULL,                      -- registry.Person
    edited_at     timestamptz NOT NULL,
    PRIMARY KEY (submission_id, version, field_key)
);

-- Secrets of the form and values of the test connection. A row is replaced, or removed; its value is never shown.
CREATE TABLE submission_secrets (
    submission_id text        NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    secret_key    text        NOT NULL,                      -- "testAccount.password", "connection.token"
    value_sealed  bytea       NOT NULL,                      -- bound to this row
    set_at        timestamptz NOT NULL,
    set_by        jsonb       NOT NULL,                      -- registry.Person
    PRIMARY KEY (submission_id, secret_key)
);

-- History. It has no foreign keys: of a deleted draft one line remains.
CREATE TABLE submission_events (
    id             text        PRIMARY KEY,                  -- "evt_…"
    submission_id  text        NOT NULL,                     -- '' for an event of a listing
    integration_id text        NOT NULL,
    org_id         text        NOT NULL,
    number         integer     NOT NULL,
    version        bigint      NOT NULL,                     -- the submission's version after the move
    part           integer     NOT NULL,                     -- order among the moves of one change
    spec_row       text        NOT NULL,                     -- "T-05", '' where the row is ours
    action         text        NOT NULL,
    from_state     text        NOT NULL,
    to_state       text        NOT NULL,
    at             timestamptz NOT NULL,
    actor_id       text        NOT NULL,
    actor_name     text        NOT NULL,
    team           boolean     NOT NULL,                     -- the actor acted for the network's team
    note           text        NOT NULL,
    hash           text        NOT NULL,
    worked         bigint      NOT NULL,                     -- the team's working time in nanoseconds, where the move ends its turn
    mails          text        NOT NULL                      -- kinds of mail that were sent, separated by blanks
);
CREATE INDEX submission_events_submission ON submission_events (submission_id, version, part);
CREATE INDEX submission_events_pace ON submission_events (from_state, at);

-- Images by the hash of what is served, so that versions with the same logo share one row.
CREATE TABLE logos (
    hash   text    PRIMARY KEY,                              -- SHA-256 of the image
    type   text    NOT NULL,                                 -- of the file that was uploaded; what is served is a PNG
    width  integer NOT NULL,                                 -- pixels
    height integer NOT NULL,
    image  bytea   NOT NULL                                  -- our own PNG of its pixels
);

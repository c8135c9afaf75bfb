-- 00010_lab_runs.sql: a run is never changed once it has ended; a re-run is a new row.
-- +goose Up
CREATE TABLE lab_runs (
    id            text        PRIMARY KEY,                 -- "run_…"
    submission_id text        NOT NULL,                    -- no foreign key: the evidence outlives a withdrawn draft until that is deleted
    org_id        text        NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    content_hash  text        NOT NULL,                    -- what the verdict is bound to
    profile       text        NOT NULL,                    -- network or rfc
    purpose       text        NOT NULL,                    -- vendor, submit or reviewer
    asked_by      text        NOT NULL,                    -- a name, for the page
    state         text        NOT NULL CHECK (state IN ('running', 'ended')),
    verdict       text        NOT NULL DEFAULT '' CHECK (verdict IN ('', 'passed', 'failed', 'not_run')),
    reason        text        NOT NULL DEFAULT '',         -- one sentence, for not_run
    done          integer     NOT NULL DEFAULT 0,          -- checks that have ended
    total         integer     NOT NULL DEFAULT 0,          -- checks planned; 0 until known
    attempt       integer     NOT NULL DEFAULT 0,          -- how often a worker began it
    seed          bigint      NOT NULL,                    -- names and values of the run's accounts
    report        jsonb       NOT NULL DEFAULT '{}',       -- report.Report, redacted
    created_at    timestamptz NOT NULL,                    -- UTC
    started_at    timestamptz,                             -- UTC; of the latest attempt
    ended_at      timestamptz                              -- UTC
);
CREATE INDEX lab_runs_submission ON lab_runs (submission_id, created_at);
-- One run of a submission at a time: two would meet in the vendor's system.
CREATE UNIQUE INDEX lab_runs_going ON lab_runs (submission_id) WHERE state <> 'ended';

CREATE TABLE lab_objects (
    run_id    text NOT NULL REFERENCES lab_runs (id) ON DELETE CASCADE,
    kind      text NOT NULL,                               -- Users or Groups
    name      text NOT NULL,                               -- userName or displayName
    remote_id text NOT NULL DEFAULT '',                    -- '' until the target has answered
    PRIMARY KEY (run_id, kind, name, remote_id)            -- a target may have made two of one name, or be asked to
);

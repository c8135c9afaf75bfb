-- 00063_run_shares.sql: links under which the report of a lab run can be read without signing in.
-- +goose Up
CREATE TABLE run_shares (
    token_hash text        PRIMARY KEY,                       -- SHA-256 of the link's token, hex
    run_id     text        NOT NULL REFERENCES lab_runs (id) ON DELETE CASCADE,
    shared_by  text        NOT NULL,                          -- a name, for the page
    created_at timestamptz NOT NULL                           -- UTC
);
CREATE INDEX run_shares_run ON run_shares (run_id);

-- 00070_listing_requests.sql: how a listing ends: what was announced, why it was removed, and what waits for somebody's word.
-- +goose Up
ALTER TABLE listings ADD COLUMN ends_on timestamptz;                  -- UTC; the day of its retirement, NULL where none is announced
ALTER TABLE listings ADD COLUMN successor text NOT NULL DEFAULT '';   -- slug of what replaces it
ALTER TABLE listings ADD COLUMN ending jsonb NOT NULL DEFAULT '{}';   -- registry.Reason: why it is retired, removed or revoked

CREATE TABLE listing_requests (
    id             text        PRIMARY KEY,               -- "lrq_…"
    integration_id text        NOT NULL REFERENCES listings (integration_id) ON DELETE CASCADE,
    org_id         text        NOT NULL,                  -- the listing's
    action         text        NOT NULL,                  -- registry.Action that is asked for
    asked_by       jsonb       NOT NULL,                  -- registry.Person: a name outlives its account
    asked_at       timestamptz NOT NULL,                  -- UTC
    reason         jsonb       NOT NULL,                  -- registry.Reason
    ends_on        timestamptz,                           -- UTC; of a retirement
    successor      text        NOT NULL,                  -- slug, '' for none
    state          text        NOT NULL CHECK (state IN ('waiting', 'done', 'declined', 'dropped')),
    answer         text        NOT NULL,                  -- why it was declined
    closed_by      jsonb       NOT NULL,                  -- registry.Person
    closed_at      timestamptz                            -- UTC; NULL exactly while it waits
);
-- The same thing is asked for once at a time.
CREATE UNIQUE INDEX listing_requests_waiting ON listing_requests (integration_id, action) WHERE state = 'waiting';
CREATE INDEX listing_requests_listing ON listing_requests (integration_id, asked_at);
CREATE INDEX submission_events_listing ON submission_events (integration_id, at) WHERE submission_id = '';

-- 00051_openings.sql: what the network's operators have opened for single orgs.
-- +goose Up
CREATE TABLE openings (
    org_id    text        NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    feature   text        NOT NULL,                           -- the value of a gated option
    until     timestamptz NOT NULL,                           -- UTC; over means closed
    opened_by text        NOT NULL,                           -- name of the operator
    opened_at timestamptz NOT NULL,                           -- UTC
    PRIMARY KEY (org_id, feature)
);

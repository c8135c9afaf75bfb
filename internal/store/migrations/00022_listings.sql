-- 00022_listings.sql: the public face of integrations. Nothing in it is secret.
-- +goose Up
CREATE TABLE listings (
    integration_id text        PRIMARY KEY,
    org_id         text        NOT NULL REFERENCES orgs (id) ON DELETE CASCADE, -- the vendor
    vendor         text        NOT NULL,                     -- its name
    slug           text        NOT NULL UNIQUE,              -- given once, kept for ever
    name           text        NOT NULL,                     -- also in public; new names are compared with it
    state          text        NOT NULL,                     -- registry.State
    version        bigint      NOT NULL,                     -- optimistic lock
    submission_id  text        NOT NULL REFERENCES submissions (id) ON DELETE CASCADE, -- the version that is shown
    number         integer     NOT NULL,
    hash           text        NOT NULL,                     -- its content hash
    public         jsonb       NOT NULL,                     -- the fields declared as public
    listed_at      timestamptz NOT NULL,                     -- UTC, like all times: first publication
    published_at   timestamptz NOT NULL,                     -- of this version
    proven_at      timestamptz NOT NULL                      -- when a lab run of this content last passed
);
CREATE INDEX listings_state ON listings (state, name);

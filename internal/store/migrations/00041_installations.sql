-- 00041_installations.sql: listings in customers' orgs, and who shall have them.
-- +goose Up
CREATE TABLE installations (
    id                text        PRIMARY KEY,                -- "ins_…"
    org_id            text        NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    integration_id    text        NOT NULL,                   -- no foreign key: it outlives the listing
    submission_id     text        NOT NULL,                   -- the version that it was made from
    label             text        NOT NULL,
    label_key         text        NOT NULL,                   -- in lower case
    stage             text        NOT NULL CHECK (stage IN ('testing', 'active', 'paused')),
    reason            text        NOT NULL DEFAULT '',        -- a sentence: why it is paused
    connection_sealed bytea,                                  -- manifest.Connection as JSON; NULL until there is one
    stored            text        NOT NULL DEFAULT '',        -- keys in it, one a line
    tested_at         timestamptz,                            -- UTC; NULL since the connection changed
    test_error        text        NOT NULL DEFAULT '',        -- a sentence, '' for success
    lease_owner       text        NOT NULL DEFAULT '',        -- the process that works it, for people to read
    lease_token       bigint      NOT NULL DEFAULT 0,         -- grows with every lease: an older one writes no more
    lease_until       timestamptz,                            -- UTC; NULL while nobody works it
    throttled_until   timestamptz,                            -- UTC; the target is left alone until then
    throttled_why     text        NOT NULL DEFAULT '',        -- a sentence
    wake_at           timestamptz,                            -- UTC; for this time there is a drain job that nobody has taken up
    version           bigint      NOT NULL,
    created_at        timestamptz NOT NULL,                   -- UTC
    updated_at        timestamptz NOT NULL                    -- UTC
);
CREATE UNIQUE INDEX installations_label ON installations (org_id, label_key);

CREATE TABLE assignments (
    installation_id text        NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    person_id       text        NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    assigned_by     text        NOT NULL,                     -- a name, for the page
    assigned_at     timestamptz NOT NULL,                     -- UTC
    PRIMARY KEY (installation_id, person_id)
);
CREATE INDEX assignments_person ON assignments (person_id);

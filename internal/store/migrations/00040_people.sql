-- 00040_people.sql: the people of each org's directory.
-- +goose Up
CREATE TABLE people (
    id            text        PRIMARY KEY,                                     -- "per_…"
    org_id        text        NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    user_name_key text        NOT NULL,                                        -- the user name in lower case
    email_key     text        NOT NULL,                                        -- the address in lower case
    words         text        NOT NULL,                                        -- what a search looks through: lower case, "|" before each
    profile       jsonb       NOT NULL,                                        -- directory.Profile
    active        boolean     NOT NULL,                                        -- false: no account anywhere
    version       bigint      NOT NULL,                                        -- grows with every save
    updated_at    timestamptz NOT NULL                                         -- UTC
);
CREATE UNIQUE INDEX people_user_name ON people (org_id, user_name_key);
CREATE INDEX people_email ON people (org_id, email_key);

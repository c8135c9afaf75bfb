-- 00001_access.sql: orgs, the people who sign in, their sessions and one-time links.
-- +goose Up
CREATE TABLE orgs (
    id         text        PRIMARY KEY,                   -- "org_" and 20 base32 characters
    slug       text        NOT NULL UNIQUE,               -- short name for the command line
    name       text        NOT NULL,                      -- as people write it
    network    boolean     NOT NULL,                      -- the network's own org, whose team reviews and publishes
    created_at timestamptz NOT NULL                       -- UTC
);

CREATE TABLE users (
    id            text        PRIMARY KEY,                -- "usr_…"
    org_id        text        NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    email         text        NOT NULL UNIQUE,            -- lower case
    name          text        NOT NULL,
    password_hash text        NOT NULL DEFAULT '',        -- argon2id; '' until a link has set a password
    created_at    timestamptz NOT NULL                    -- UTC
);
CREATE INDEX users_org ON users (org_id);

CREATE TABLE user_roles (
    user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    text NOT NULL,                                -- access.Role
    PRIMARY KEY (user_id, role)
);

CREATE TABLE sessions (
    token      text        PRIMARY KEY,                   -- SHA-256 of the cookie's value
    user_id    text        NOT NULL DEFAULT '',           -- '' before sign-in
    data       bytea       NOT NULL,                      -- the session's values, encoded by the session library
    expires_at timestamptz NOT NULL                       -- UTC
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE signin_links (
    hash       text        PRIMARY KEY,                   -- SHA-256 of the token; the token itself is nowhere
    user_id    text        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,                      -- UTC
    used_at    timestamptz                                -- UTC; a link works once
);

CREATE TABLE signin_failures (
    key       text        NOT NULL,                       -- the address that was tried
    failed_at timestamptz NOT NULL                        -- UTC
);
CREATE INDEX signin_failures_key ON signin_failures (key, failed_at);

CREATE TABLE processes (
    id      text        PRIMARY KEY,                      -- "proc_…", fresh at every start; PostgreSQL only
    seen_at timestamptz NOT NULL                          -- the database's clock
);

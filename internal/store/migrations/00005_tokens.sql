-- 00005_tokens.sql: personal tokens, with which programs act as the user they belong to.
-- +goose Up
CREATE TABLE tokens (
    id         text        PRIMARY KEY,                                      -- "tok_" and 20 base32 characters
    user_id    text        NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- a user who is gone takes the tokens along
    name       text        NOT NULL,                                         -- what it is for
    hash       text        NOT NULL UNIQUE,                                  -- SHA-256 of the text; the text itself is nowhere
    created_at timestamptz NOT NULL,                                         -- UTC
    expires_at timestamptz NOT NULL,                                         -- UTC
    used_at    timestamptz,                                                  -- UTC, within a minute; NULL: never
    UNIQUE (user_id, name)
);

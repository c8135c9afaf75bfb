-- 00062_transcript_keys.sql: the key with which the network signs transcripts of lab runs; there is one.
-- +goose Up
CREATE TABLE transcript_keys (
    id          text        PRIMARY KEY CHECK (id = 'current'),
    seed_sealed bytea       NOT NULL,                         -- Ed25519 seed, 32 bytes in base64, sealed
    created_at  timestamptz NOT NULL                          -- UTC
);

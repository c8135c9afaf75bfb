-- 00023_mails.sql: the outbox. A row is written in the transaction of the move that it tells of.
-- +goose Up
CREATE TABLE mails (
    id            text        PRIMARY KEY,                   -- "mail_…"
    kind          text        NOT NULL,                      -- "M-01"
    recipients    text        NOT NULL,                      -- addresses, one a line
    subject       text        NOT NULL,
    body          text        NOT NULL,                      -- plain text
    submission_id text        NOT NULL,                      -- what it is about; a deleted draft takes its mails along
    org_id        text        NOT NULL,                      -- the vendor's
    created_at    timestamptz NOT NULL                       -- UTC
);
CREATE INDEX mails_newest ON mails (created_at, id);
CREATE INDEX mails_submission ON mails (submission_id);

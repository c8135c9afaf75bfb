-- 00042_operations.sql: the ledger: what is to be sent to a target, what was sent, and what is known of its accounts.
-- +goose Up
CREATE TABLE operations (
    id              text        PRIMARY KEY,                  -- "op_…"
    installation_id text        NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    person_id       text        NOT NULL,                     -- no foreign key: the ledger outlives the person
    kind            text        NOT NULL CHECK (kind IN ('deactivate', 'update', 'reactivate', 'create')),
    state           text        NOT NULL CHECK (state IN ('planned', 'sending', 'done', 'failed', 'held', 'superseded')),
    changes         jsonb       NOT NULL,                     -- []target.Change
    remote_id       text        NOT NULL DEFAULT '',          -- the account's id at the target, once known
    note            text        NOT NULL DEFAULT '',          -- a sentence about its end
    tries           integer     NOT NULL DEFAULT 0,           -- failed tries
    attempts        jsonb       NOT NULL DEFAULT '[]',        -- []provision.Attempt, the last ones
    looked_at       timestamptz,                              -- UTC; a POST may be out since then
    abandoned       boolean     NOT NULL DEFAULT false,       -- look for its account, send no POST
    not_before      timestamptz,                              -- UTC; NULL: at once
    planned_at      timestamptz NOT NULL,                     -- UTC
    ended_at        timestamptz,                              -- UTC; NULL exactly while planned or sending
    CHECK ((ended_at IS NULL) = (state IN ('planned', 'sending')))
);
-- One thing at a time for a person: what is planned later lands later.
CREATE UNIQUE INDEX operations_open ON operations (installation_id, person_id) WHERE ended_at IS NULL;
-- Both say "open" by ended_at, which does not change when an operation begins: beginning touches no index.
CREATE INDEX operations_todo ON operations (installation_id, id) WHERE ended_at IS NULL;
CREATE INDEX operations_held ON operations (installation_id, person_id) WHERE state = 'held';
CREATE INDEX operations_person ON operations (installation_id, person_id, planned_at);
CREATE INDEX operations_recent ON operations (installation_id, planned_at, id);

CREATE TABLE links (
    installation_id text        NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    person_id       text        NOT NULL,
    remote_id       text        NOT NULL,                     -- the account's id at the target
    origin          text        NOT NULL CHECK (origin IN ('created', 'adopted')),
    active          text        NOT NULL CHECK (active IN ('on', 'off', 'unknown')),
    gone            boolean     NOT NULL DEFAULT false,       -- the target said that the account is no more
    sent            jsonb       NOT NULL,                     -- target.Profile: what the target has accepted
    updated_at      timestamptz NOT NULL,                     -- UTC
    PRIMARY KEY (installation_id, person_id)
);
-- No account belongs to two people.
CREATE UNIQUE INDEX links_remote ON links (installation_id, remote_id) WHERE NOT gone;
CREATE INDEX links_person ON links (person_id);

-- Beside the operations, and only ever added to: rows that grow would have to move.
CREATE TABLE exchanges (
    operation_id text NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    exchanges    text NOT NULL                                -- []egress.Exchange of one try, redacted; jsonb refuses some texts of a target
);
CREATE INDEX exchanges_operation ON exchanges (operation_id);

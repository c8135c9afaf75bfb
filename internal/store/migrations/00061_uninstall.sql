-- 00061_uninstall.sql: an installation can go. Its row stays, because the ledger hangs on it; its credentials do not.
-- +goose Up
ALTER TABLE installations ADD COLUMN leaving_at timestamptz;                 -- UTC; accounts are deactivated since, NULL while it stays
ALTER TABLE installations ADD COLUMN leaving_by text NOT NULL DEFAULT '';    -- a name, for the page
ALTER TABLE installations ADD COLUMN gone_at timestamptz;                    -- UTC; NULL until it is uninstalled
-- The label of one that is gone is free again.
DROP INDEX installations_label;
CREATE UNIQUE INDEX installations_label ON installations (org_id, label_key) WHERE gone_at IS NULL;
CREATE INDEX installations_integration ON installations (integration_id) WHERE gone_at IS NULL;

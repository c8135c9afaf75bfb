-- 00064_stop_run.sql: a lab run can be stopped by whoever may start one.
-- +goose Up
ALTER TABLE lab_runs ADD COLUMN stop_asked_by text NOT NULL DEFAULT ''; -- a name, '' while nobody has asked

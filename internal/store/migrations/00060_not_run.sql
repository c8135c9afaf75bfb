-- 00060_not_run.sql: that a check did not run can be contested too, and a pass that rests on it says so.
-- +goose Up
ALTER TABLE verdicts ADD COLUMN not_run jsonb NOT NULL DEFAULT '[]'; -- []registry.OpenCheck that would block
ALTER TABLE waivers ADD COLUMN not_run boolean NOT NULL DEFAULT false; -- it accepts that the check did not run, and no failure

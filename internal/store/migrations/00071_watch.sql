-- 00071_watch.sql: what is published is looked at every day, by runs that only read.
-- +goose Up
ALTER TABLE verdicts ADD COLUMN read_only boolean NOT NULL DEFAULT false; -- the run only read: its pass proves too little to publish
ALTER TABLE listings ADD COLUMN watch jsonb NOT NULL DEFAULT '{}';        -- registry.Watch: what the looks have shown

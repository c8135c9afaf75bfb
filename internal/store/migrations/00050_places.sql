-- 00050_places.sql: where somebody was in something that takes several sittings.
-- +goose Up
CREATE TABLE places (
    user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    thing   text NOT NULL,                                    -- a submission's id
    place   text NOT NULL,                                    -- its tab
    PRIMARY KEY (user_id, thing)
);

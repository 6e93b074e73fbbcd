-- One row for each start of an API server; every device gets all of them. `position` grows after
-- uploads were applied. A device that remembers a life that is gone, or a higher position, knows that
-- the database was put back to an older state (docs/adr/0045).
CREATE TABLE server_lives (
  id uuid PRIMARY KEY,
  started_at bigint NOT NULL CHECK (started_at BETWEEN 0 AND 8640000000000000),
  position bigint NOT NULL CHECK (position >= 0)
);
CREATE INDEX server_lives_started_at_idx ON server_lives (started_at);

ALTER PUBLICATION powersync ADD TABLE server_lives;

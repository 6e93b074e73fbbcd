-- The contract suite's own tables, beside the app's. Made anew for every run.
DROP TABLE IF EXISTS contract_clock, contract_clock_viewers, contract_values, contract_generated,
  contract_truncated, contract_widened;
DROP TYPE IF EXISTS contract_mood;
CREATE TYPE contract_mood AS ENUM ('calm', 'wild', 'žlutý');

-- Bumped first in every transaction of the randomised run, so that a client's rows say their moment.
CREATE TABLE contract_clock (id text PRIMARY KEY, version bigint NOT NULL);
INSERT INTO contract_clock VALUES ('clock', 0);
CREATE TABLE contract_clock_viewers (user_id uuid PRIMARY KEY, clock_id text NOT NULL);

CREATE TABLE contract_values (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  words text,
  long_words text,
  limited varchar(40),
  small smallint,
  whole integer,
  big bigint,
  exact numeric,
  approximate double precision,
  flag boolean,
  day date,
  clock time,
  local_time timestamp,
  instant timestamptz,
  document json,
  binary_document jsonb,
  other_id uuid,
  mood contract_mood,
  tags text[],
  numbers bigint[],
  grid integer[],
  moods contract_mood[]
);
ALTER TABLE contract_values ALTER long_words SET STORAGE EXTERNAL;

CREATE TABLE contract_generated (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  amount bigint NOT NULL,
  doubled bigint GENERATED ALWAYS AS (amount * 2) STORED,
  words text
);
CREATE TABLE contract_truncated (id uuid PRIMARY KEY, workspace_id uuid NOT NULL, words text);
CREATE TABLE contract_widened (id uuid PRIMARY KEY, workspace_id uuid NOT NULL, words text);

ALTER PUBLICATION powersync ADD TABLE contract_clock, contract_clock_viewers, contract_values,
  contract_generated, contract_truncated, contract_widened;

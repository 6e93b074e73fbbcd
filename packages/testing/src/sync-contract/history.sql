-- What was true when: every row of the tracked tables with the versions of the clock between which
-- it was there. A transaction bumps the clock first and so holds its row until the commit: versions
-- follow each other as the commits do.
DROP FUNCTION IF EXISTS contract_track CASCADE;
DROP FUNCTION IF EXISTS contract_rows_at;
DROP TABLE IF EXISTS contract_history;
CREATE TABLE contract_history (
  table_name text NOT NULL,
  row_id text NOT NULL,
  workspace_id text,
  user_id text,
  texts jsonb NOT NULL,
  digest text NOT NULL,
  from_version bigint NOT NULL,
  to_version bigint
);
CREATE INDEX ON contract_history (workspace_id, table_name);
CREATE INDEX ON contract_history (user_id) WHERE table_name = 'workspace_memberships';
CREATE INDEX ON contract_history (table_name, row_id) WHERE to_version IS NULL;
CREATE INDEX ON contract_history (from_version);

CREATE FUNCTION contract_track() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  now_at bigint := (SELECT version FROM contract_clock);
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    UPDATE contract_history SET to_version = now_at
     WHERE table_name = TG_TABLE_NAME AND to_version IS NULL;
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    -- What the same transaction made was never to be seen.
    DELETE FROM contract_history
     WHERE table_name = TG_TABLE_NAME AND row_id = OLD.id::text AND from_version = now_at
       AND to_version IS NULL;
    UPDATE contract_history SET to_version = now_at
     WHERE table_name = TG_TABLE_NAME AND row_id = OLD.id::text AND to_version IS NULL;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO contract_history
    SELECT TG_TABLE_NAME, NEW.id::text, of_row.texts->>'workspace_id', of_row.texts->>'user_id',
           of_row.texts, of_row.digest, now_at, NULL
      FROM (SELECT jsonb_object_agg(key, value) AS texts,
                   md5(string_agg(key || coalesce('=' || value, ''), chr(10) ORDER BY key COLLATE "C"))
                     AS digest
              FROM jsonb_each_text(to_jsonb(NEW))) AS of_row;
  END IF;
  RETURN NULL;
END $$;

-- The rows that a person may hold at one version: those of the workspaces joined by then.
CREATE OR REPLACE FUNCTION contract_rows_at(person text, at bigint)
RETURNS TABLE (table_name text, row_id text, digest text, texts jsonb) LANGUAGE sql STABLE AS $$
  WITH memberships AS (
    SELECT * FROM contract_history h
     WHERE h.table_name = 'workspace_memberships' AND h.user_id = person
       AND h.from_version <= at AND (h.to_version IS NULL OR h.to_version > at)
  )
  SELECT m.table_name, m.row_id, m.digest, m.texts FROM memberships m
  UNION ALL
  SELECT h.table_name, h.row_id, h.digest, h.texts FROM contract_history h
   WHERE h.table_name <> 'workspace_memberships'
     AND h.workspace_id IN (SELECT m.workspace_id FROM memberships m)
     AND h.from_version <= at AND (h.to_version IS NULL OR h.to_version > at)
$$;

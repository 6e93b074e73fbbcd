import pg from 'pg'

/** Version of the tables below; another version in the database means a new snapshot. */
export const storeFormat = 3

/** An SQL identifier, quoted. */
export function quoteName(name: string): string {
  return pg.escapeIdentifier(name)
}

/**
 * Everything the engine keeps, in a schema of its own that is never published.
 * - `bucket_ops`: what clients download, by bucket and operation id; only compaction changes it.
 * - `superseded_ops`: operations that a later one of the same row (`target_op`) makes superfluous,
 *   until compaction has turned them into MOVE.
 * - `buckets`: a bucket's totals at `engine_state.last_op_id`. `dead_ops` of its operations stand
 *   for no row any more; so many (`compacted_dead_ops`) were left by the last compaction.
 * - `source_rows`: what each source row last put where, and the values that a later update may
 *   leave out because they are TOASTed and did not change.
 * - `parameter_lookups`: which buckets a person may see.
 * - `engine_state`: up to where all of it is true.
 */
export function createStoreSql(schemaName: string): string {
  const s = quoteName(schemaName)
  return `
    DROP TABLE IF EXISTS ${s}.engine_state, ${s}.source_tables, ${s}.source_rows, ${s}.buckets,
      ${s}.bucket_ops, ${s}.superseded_ops, ${s}.parameter_lookups;
    CREATE TABLE ${s}.engine_state (
      id int PRIMARY KEY CHECK (id = 1),
      format int NOT NULL,
      generation bigint NOT NULL,
      rules_hash text NOT NULL,
      slot_name text NOT NULL,
      cluster text NOT NULL,
      snapshot_done boolean NOT NULL,
      last_op_id bigint NOT NULL,
      applied_lsn pg_lsn NOT NULL,
      checkpoint_floor bigint NOT NULL
    );
    CREATE TABLE ${s}.source_tables (
      id int PRIMARY KEY,
      relation_id bigint NOT NULL UNIQUE,
      membership text NOT NULL,
      schema_name text NOT NULL,
      table_name text NOT NULL,
      key_columns text[] NOT NULL
    );
    CREATE TABLE ${s}.source_rows (
      table_id int NOT NULL,
      row_key text COLLATE "C" NOT NULL,
      kept_values text NOT NULL,
      outputs text NOT NULL,
      lookups text NOT NULL,
      PRIMARY KEY (table_id, row_key)
    );
    CREATE TABLE ${s}.buckets (
      id int PRIMARY KEY,
      name text NOT NULL UNIQUE,
      op_count bigint NOT NULL,
      checksum bigint NOT NULL,
      last_op_id bigint NOT NULL,
      dead_ops bigint NOT NULL,
      compacted_dead_ops bigint NOT NULL
    );
    CREATE TABLE ${s}.superseded_ops (
      bucket_id int NOT NULL,
      target_op bigint NOT NULL,
      op_id bigint NOT NULL,
      PRIMARY KEY (bucket_id, target_op, op_id)
    );
    CREATE TABLE ${s}.bucket_ops (
      bucket_id int NOT NULL,
      op_id bigint NOT NULL,
      op text NOT NULL,
      object_type text,
      object_id text,
      subkey text,
      checksum bigint NOT NULL,
      data text,
      PRIMARY KEY (bucket_id, op_id)
    );
    CREATE TABLE ${s}.parameter_lookups (
      table_id int NOT NULL,
      row_key text COLLATE "C" NOT NULL,
      position int NOT NULL,
      lookup text NOT NULL,
      parameters text NOT NULL,
      PRIMARY KEY (table_id, row_key, position)
    );
    CREATE INDEX parameter_lookups_by_lookup ON ${s}.parameter_lookups (lookup);`
}

-- The synced twins. packages/schema is the definition; a test proves that this file agrees with it.

-- Version 1, algorithm 1, a whole number of bytes, at least the smallest padded plaintext, and a
-- ciphertext length that padding can give (multiples of 32 up to 256, of 16 above).
CREATE FUNCTION is_envelope(value text, max_length integer) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN length(value) BETWEEN 104 AND max_length
    AND value ~ '^AQE[A-Za-z0-9_-]+$'
    AND length(value) % 4 <> 1
    AND (length(value) * 3 / 4 - 46)
      % CASE WHEN length(value) * 3 / 4 - 46 <= 256 THEN 32 ELSE 16 END = 0;

-- Version 1, key version, BLAKE2b-256: 37 bytes.
CREATE FUNCTION is_row_seal(value text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN value ~ '^A[Q-f][A-Za-z0-9_-]{48}$';

CREATE FUNCTION is_date_text(value text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN value ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$';

CREATE TABLE workspace_settings_encrypt (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 8640000000000000),
  updated_at bigint NOT NULL CHECK (updated_at BETWEEN 0 AND 8640000000000000),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  name text NOT NULL CHECK (is_envelope(name, 666)),
  revision bigint NOT NULL CHECK (revision BETWEEN 1 AND 4503599627370496),
  seal text NOT NULL CHECK (is_row_seal(seal)),
  UNIQUE (workspace_id, id),
  CONSTRAINT workspace_settings_encrypt_one_row CHECK (id = workspace_id)
);

CREATE TABLE accounts_encrypt (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 8640000000000000),
  updated_at bigint NOT NULL CHECK (updated_at BETWEEN 0 AND 8640000000000000),
  type text NOT NULL
    CHECK (type IN ('checking', 'savings', 'cash', 'card', 'investment', 'other')),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  sort_order integer NOT NULL CHECK (sort_order BETWEEN -1000000 AND 1000000),
  archived_at bigint CHECK (archived_at BETWEEN 0 AND 8640000000000000),
  name text NOT NULL CHECK (is_envelope(name, 666)),
  opening_balance text NOT NULL CHECK (is_envelope(opening_balance, 118)),
  note text NOT NULL CHECK (is_envelope(note, 12066)),
  revision bigint NOT NULL CHECK (revision BETWEEN 1 AND 4503599627370496),
  seal text NOT NULL CHECK (is_row_seal(seal)),
  UNIQUE (workspace_id, id)
);

CREATE TABLE categories_encrypt (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 8640000000000000),
  updated_at bigint NOT NULL CHECK (updated_at BETWEEN 0 AND 8640000000000000),
  parent_id uuid,
  kind text NOT NULL CHECK (kind IN ('expense', 'income')),
  sort_order integer NOT NULL CHECK (sort_order BETWEEN -1000000 AND 1000000),
  archived_at bigint CHECK (archived_at BETWEEN 0 AND 8640000000000000),
  name text NOT NULL CHECK (is_envelope(name, 666)),
  icon text NOT NULL CHECK (is_envelope(icon, 192)),
  colour text NOT NULL CHECK (is_envelope(colour, 150)),
  revision bigint NOT NULL CHECK (revision BETWEEN 1 AND 4503599627370496),
  seal text NOT NULL CHECK (is_row_seal(seal)),
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, parent_id) REFERENCES categories_encrypt (workspace_id, id)
);
CREATE INDEX categories_encrypt_parent_idx ON categories_encrypt (workspace_id, parent_id);

CREATE TABLE transactions_encrypt (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 8640000000000000),
  updated_at bigint NOT NULL CHECK (updated_at BETWEEN 0 AND 8640000000000000),
  account_id uuid NOT NULL,
  category_id uuid,
  kind text NOT NULL CHECK (kind IN ('expense', 'income')),
  -- Text: a date type would be formatted anew on its way through sync, and the row seal covers it.
  occurred_on text NOT NULL CHECK (is_date_text(occurred_on)),
  status text NOT NULL CHECK (status IN ('pending', 'cleared')),
  amount text NOT NULL CHECK (is_envelope(amount, 118)),
  payee text NOT NULL CHECK (is_envelope(payee, 666)),
  note text NOT NULL CHECK (is_envelope(note, 12066)),
  revision bigint NOT NULL CHECK (revision BETWEEN 1 AND 4503599627370496),
  seal text NOT NULL CHECK (is_row_seal(seal)),
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, account_id) REFERENCES accounts_encrypt (workspace_id, id),
  FOREIGN KEY (workspace_id, category_id) REFERENCES categories_encrypt (workspace_id, id)
);
CREATE INDEX transactions_encrypt_account_idx ON transactions_encrypt (workspace_id, account_id);
CREATE INDEX transactions_encrypt_category_idx ON transactions_encrypt (workspace_id, category_id);

-- What was deleted, and at which revision, so that a late replay does not bring it back.
CREATE TABLE deleted_rows (
  table_name text NOT NULL,
  row_id uuid NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  revision bigint NOT NULL,
  deleted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (table_name, row_id)
);
CREATE INDEX deleted_rows_workspace_id_idx ON deleted_rows (workspace_id);

-- Seals of revisions that a later one replaced: a replay of theirs is known to be applied already.
CREATE TABLE superseded_revisions (
  table_name text NOT NULL,
  row_id uuid NOT NULL,
  revision bigint NOT NULL,
  seal text NOT NULL CHECK (is_row_seal(seal)),
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  PRIMARY KEY (table_name, row_id, revision)
);
CREATE INDEX superseded_revisions_workspace_id_idx ON superseded_revisions (workspace_id);

CREATE PUBLICATION powersync FOR TABLE
  workspace_memberships,
  workspace_settings_encrypt,
  accounts_encrypt,
  categories_encrypt,
  transactions_encrypt;

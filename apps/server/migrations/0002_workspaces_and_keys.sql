CREATE TABLE workspaces (
  id uuid PRIMARY KEY,
  created_by uuid NOT NULL REFERENCES auth_user (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Rows of every entity together, kept by the upload under this row's lock: the quota's counter.
  row_count bigint NOT NULL DEFAULT 0
);

CREATE TABLE workspace_memberships (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
  UNIQUE (workspace_id, user_id)
);
CREATE INDEX workspace_memberships_user_id_idx ON workspace_memberships (user_id);

-- A wrapped key is base64url of some 74 bytes: no sentence fits.
CREATE FUNCTION is_wrapped_key(value text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN value ~ '^[A-Za-z0-9_-]+$' AND length(value) BETWEEN 64 AND 512;

CREATE TABLE key_slots (
  user_id uuid NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('secret-key', 'recovery-key')),
  kdf_algorithm text CHECK (kdf_algorithm = 'argon2id13'),
  kdf_memory_kib integer CHECK (kdf_memory_kib BETWEEN 65536 AND 1048576),
  kdf_passes integer CHECK (kdf_passes BETWEEN 3 AND 12),
  kdf_salt text CHECK (kdf_salt ~ '^[A-Za-z0-9_-]{22}$'),
  wrapped text NOT NULL CHECK (is_wrapped_key(wrapped)),
  version integer NOT NULL CHECK (version >= 1),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, id),
  UNIQUE (user_id, kind),
  CONSTRAINT key_slots_kdf_of_secret_key CHECK (
    num_nulls(kdf_algorithm, kdf_memory_kib, kdf_passes, kdf_salt)
      = CASE kind WHEN 'secret-key' THEN 0 ELSE 4 END
  )
);

CREATE TABLE workspace_data_keys (
  workspace_id uuid NOT NULL,
  user_id uuid NOT NULL,
  key_version integer NOT NULL CHECK (key_version >= 1),
  wrapped text NOT NULL CHECK (is_wrapped_key(wrapped)),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, user_id, key_version),
  FOREIGN KEY (workspace_id, user_id)
    REFERENCES workspace_memberships (workspace_id, user_id) ON DELETE CASCADE
);

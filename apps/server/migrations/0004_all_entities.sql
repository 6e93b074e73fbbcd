-- The other entities of packages/schema, and what transactions say of them. Rows of older clients
-- have none of the new columns of transactions, so these may all be null.

CREATE FUNCTION is_month_text(value text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN value ~ '^[0-9]{4}-(0[1-9]|1[0-2])$';

CREATE TABLE debts_encrypt (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 8640000000000000),
  updated_at bigint NOT NULL CHECK (updated_at BETWEEN 0 AND 8640000000000000),
  direction text NOT NULL CHECK (direction IN ('lent', 'borrowed')),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  opened_on text NOT NULL CHECK (is_date_text(opened_on)),
  due_on text CHECK (is_date_text(due_on)),
  settled_on text CHECK (is_date_text(settled_on)),
  counterparty text NOT NULL CHECK (is_envelope(counterparty, 666)),
  principal text NOT NULL CHECK (is_envelope(principal, 118)),
  note text NOT NULL CHECK (is_envelope(note, 12066)),
  revision bigint NOT NULL CHECK (revision BETWEEN 1 AND 4503599627370496),
  seal text NOT NULL CHECK (is_row_seal(seal)),
  UNIQUE (workspace_id, id)
);

CREATE TABLE loans_encrypt (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 8640000000000000),
  updated_at bigint NOT NULL CHECK (updated_at BETWEEN 0 AND 8640000000000000),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  started_on text NOT NULL CHECK (is_date_text(started_on)),
  lender text NOT NULL CHECK (is_envelope(lender, 666)),
  name text NOT NULL CHECK (is_envelope(name, 666)),
  principal text NOT NULL CHECK (is_envelope(principal, 118)),
  interest_rate text NOT NULL CHECK (is_envelope(interest_rate, 160)),
  term_months text NOT NULL CHECK (is_envelope(term_months, 118)),
  payment text NOT NULL CHECK (is_envelope(payment, 118)),
  note text NOT NULL CHECK (is_envelope(note, 12066)),
  revision bigint NOT NULL CHECK (revision BETWEEN 1 AND 4503599627370496),
  seal text NOT NULL CHECK (is_row_seal(seal)),
  UNIQUE (workspace_id, id)
);

CREATE TABLE schedules_encrypt (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 8640000000000000),
  updated_at bigint NOT NULL CHECK (updated_at BETWEEN 0 AND 8640000000000000),
  next_on text CHECK (is_date_text(next_on)),
  template text NOT NULL CHECK (is_envelope(template, 12066)),
  rule text NOT NULL CHECK (is_envelope(rule, 1566)),
  revision bigint NOT NULL CHECK (revision BETWEEN 1 AND 4503599627370496),
  seal text NOT NULL CHECK (is_row_seal(seal)),
  UNIQUE (workspace_id, id)
);

ALTER TABLE transactions_encrypt
  ADD COLUMN transfer_id uuid,
  ADD COLUMN parent_id uuid,
  ADD COLUMN loan_id uuid,
  ADD COLUMN debt_id uuid,
  ADD COLUMN schedule_id uuid,
  ADD COLUMN tags text CHECK (is_envelope(tags, 3066)),
  ADD COLUMN import_reference text CHECK (is_envelope(import_reference, 666)),
  ADD COLUMN original_amount text CHECK (is_envelope(original_amount, 118)),
  ADD COLUMN original_currency text CHECK (is_envelope(original_currency, 111)),
  ADD COLUMN original_rate text CHECK (is_envelope(original_rate, 160)),
  ADD FOREIGN KEY (workspace_id, parent_id) REFERENCES transactions_encrypt (workspace_id, id),
  ADD FOREIGN KEY (workspace_id, loan_id) REFERENCES loans_encrypt (workspace_id, id),
  ADD FOREIGN KEY (workspace_id, debt_id) REFERENCES debts_encrypt (workspace_id, id),
  ADD FOREIGN KEY (workspace_id, schedule_id) REFERENCES schedules_encrypt (workspace_id, id);
CREATE INDEX transactions_encrypt_parent_idx ON transactions_encrypt (workspace_id, parent_id)
  WHERE parent_id IS NOT NULL;
CREATE INDEX transactions_encrypt_loan_idx ON transactions_encrypt (workspace_id, loan_id)
  WHERE loan_id IS NOT NULL;
CREATE INDEX transactions_encrypt_debt_idx ON transactions_encrypt (workspace_id, debt_id)
  WHERE debt_id IS NOT NULL;
CREATE INDEX transactions_encrypt_schedule_idx ON transactions_encrypt (workspace_id, schedule_id)
  WHERE schedule_id IS NOT NULL;

CREATE TABLE loan_payments_encrypt (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 8640000000000000),
  updated_at bigint NOT NULL CHECK (updated_at BETWEEN 0 AND 8640000000000000),
  loan_id uuid NOT NULL,
  transaction_id uuid,
  due_on text NOT NULL CHECK (is_date_text(due_on)),
  paid_on text CHECK (is_date_text(paid_on)),
  amount text NOT NULL CHECK (is_envelope(amount, 118)),
  principal_part text NOT NULL CHECK (is_envelope(principal_part, 118)),
  interest_part text NOT NULL CHECK (is_envelope(interest_part, 118)),
  note text NOT NULL CHECK (is_envelope(note, 12066)),
  revision bigint NOT NULL CHECK (revision BETWEEN 1 AND 4503599627370496),
  seal text NOT NULL CHECK (is_row_seal(seal)),
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, loan_id) REFERENCES loans_encrypt (workspace_id, id),
  FOREIGN KEY (workspace_id, transaction_id) REFERENCES transactions_encrypt (workspace_id, id)
);
CREATE INDEX loan_payments_encrypt_loan_idx ON loan_payments_encrypt (workspace_id, loan_id);
CREATE INDEX loan_payments_encrypt_transaction_idx
  ON loan_payments_encrypt (workspace_id, transaction_id) WHERE transaction_id IS NOT NULL;

CREATE TABLE budgets_encrypt (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 8640000000000000),
  updated_at bigint NOT NULL CHECK (updated_at BETWEEN 0 AND 8640000000000000),
  category_id uuid NOT NULL,
  month text NOT NULL CHECK (is_month_text(month)),
  amount text NOT NULL CHECK (is_envelope(amount, 118)),
  revision bigint NOT NULL CHECK (revision BETWEEN 1 AND 4503599627370496),
  seal text NOT NULL CHECK (is_row_seal(seal)),
  UNIQUE (workspace_id, id),
  FOREIGN KEY (workspace_id, category_id) REFERENCES categories_encrypt (workspace_id, id)
);
CREATE INDEX budgets_encrypt_category_idx ON budgets_encrypt (workspace_id, category_id);

CREATE TABLE exchange_rates_encrypt (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 8640000000000000),
  updated_at bigint NOT NULL CHECK (updated_at BETWEEN 0 AND 8640000000000000),
  base text NOT NULL CHECK (base ~ '^[A-Z]{3}$'),
  quote text NOT NULL CHECK (quote ~ '^[A-Z]{3}$'),
  on_date text NOT NULL CHECK (is_date_text(on_date)),
  rate text NOT NULL CHECK (is_envelope(rate, 160)),
  revision bigint NOT NULL CHECK (revision BETWEEN 1 AND 4503599627370496),
  seal text NOT NULL CHECK (is_row_seal(seal)),
  UNIQUE (workspace_id, id)
);

ALTER PUBLICATION powersync ADD TABLE
  debts_encrypt,
  loans_encrypt,
  schedules_encrypt,
  loan_payments_encrypt,
  budgets_encrypt,
  exchange_rates_encrypt;

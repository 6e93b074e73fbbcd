-- Who made each revision, so that a conflict can say whose the other version is. Rows of older clients
-- have none. It refers to no user: the row seal covers it, so it outlives the account.
ALTER TABLE workspace_settings_encrypt ADD COLUMN author_id uuid;
ALTER TABLE accounts_encrypt ADD COLUMN author_id uuid;
ALTER TABLE categories_encrypt ADD COLUMN author_id uuid;
ALTER TABLE debts_encrypt ADD COLUMN author_id uuid;
ALTER TABLE loans_encrypt ADD COLUMN author_id uuid;
ALTER TABLE schedules_encrypt ADD COLUMN author_id uuid;
ALTER TABLE transactions_encrypt ADD COLUMN author_id uuid;
ALTER TABLE loan_payments_encrypt ADD COLUMN author_id uuid;
ALTER TABLE budgets_encrypt ADD COLUMN author_id uuid;
ALTER TABLE exchange_rates_encrypt ADD COLUMN author_id uuid;

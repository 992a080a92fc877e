-- accu: the ACCU platform. Its runbook names no table; this is an accounting service as its words suggest (organisations,
-- users, ledger accounts, journal entries, sessions), with a few indexes for its index maintenance.

CREATE TABLE schema_migrations (version varchar(14) PRIMARY KEY, applied_at timestamptz NOT NULL);
INSERT INTO schema_migrations VALUES
  ('20240301090000', timestamptz '2024-03-01 09:05:00+00'),
  ('20240914110000', timestamptz '2024-09-15 01:10:00+00'),
  ('20250608020000', timestamptz '2025-06-08 02:12:00+00');

CREATE TABLE organizations (
  id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE,
  plan varchar(20) NOT NULL CHECK (plan IN ('free', 'team', 'enterprise')),
  created_at timestamptz NOT NULL
);
CREATE TABLE users (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  email varchar(255) NOT NULL UNIQUE,
  password_hash text NOT NULL,
  role varchar(20) NOT NULL CHECK (role IN ('owner', 'accountant', 'viewer')),
  last_login_at timestamptz,
  created_at timestamptz NOT NULL
);
CREATE TABLE accounts (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  code varchar(10) NOT NULL,
  name text NOT NULL,
  kind varchar(10) NOT NULL CHECK (kind IN ('asset', 'liability', 'equity', 'income', 'expense')),
  UNIQUE (organization_id, code)
);
CREATE TABLE journal_entries (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  posted_by uuid REFERENCES users (id) ON DELETE SET NULL,
  memo text NOT NULL,
  posted_at timestamptz NOT NULL
);
CREATE TABLE journal_lines (
  id bigserial PRIMARY KEY,
  entry_id uuid NOT NULL REFERENCES journal_entries (id) ON DELETE CASCADE,
  account_id uuid NOT NULL REFERENCES accounts (id),
  debit numeric(14, 2) NOT NULL DEFAULT 0,
  credit numeric(14, 2) NOT NULL DEFAULT 0,
  CHECK (debit >= 0 AND credit >= 0 AND debit * credit = 0)
);
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > created_at)
);

INSERT INTO organizations
SELECT pg_temp.id_of('organization', i), 'Organization ' || i, pg_temp.one_of('plan', i, 'free', 'team', 'team', 'enterprise'), pg_temp.moment('organization', i, 1000)
FROM generate_series(0, 24) i;

INSERT INTO users
SELECT pg_temp.id_of('user', i), pg_temp.id_of('organization', i % 25), 'user' || i || '@example.com', '$argon2id$' || md5('password' || i),
       pg_temp.one_of('role', i, 'owner', 'accountant', 'viewer'), CASE WHEN i % 7 <> 0 THEN pg_temp.moment('login', i, 60) END, pg_temp.moment('user', i, 900)
FROM generate_series(0, 199) i;

INSERT INTO accounts
SELECT pg_temp.id_of('account', i * 10 + k), pg_temp.id_of('organization', i), (k * 1000)::text, initcap(kind), kind
FROM generate_series(0, 24) i, unnest(ARRAY['asset', 'liability', 'equity', 'income', 'expense']) WITH ORDINALITY AS kinds (kind, k);

INSERT INTO journal_entries
SELECT pg_temp.id_of('entry', i), pg_temp.id_of('organization', i % 25), pg_temp.id_of('user', i % 200), 'Entry ' || i, pg_temp.moment('entry', i, 1095)
FROM generate_series(1, pg_temp.rows() / 2) i;

-- Two lines per entry, which balance; an entry's accounts are its organisation's.
INSERT INTO journal_lines (entry_id, account_id, debit, credit)
SELECT pg_temp.id_of('entry', i), pg_temp.id_of('account', (i % 25) * 10 + CASE side WHEN 0 THEN 1 ELSE 4 END),
       CASE side WHEN 0 THEN amount ELSE 0 END, CASE side WHEN 1 THEN amount ELSE 0 END
FROM generate_series(1, pg_temp.rows() / 2) i, generate_series(0, 1) side,
     LATERAL (SELECT (100 + pg_temp.pick('amount', i, 900000)) / 100.0 AS amount) a;

INSERT INTO sessions
SELECT pg_temp.id_of('session', i), pg_temp.id_of('user', i % 200), created, created + interval '12 hours'
FROM generate_series(1, greatest(100, pg_temp.rows() / 5)) i, LATERAL (SELECT pg_temp.moment('session', i, 45) AS created) s;

CREATE INDEX idx_users_organization ON users (organization_id);
CREATE INDEX idx_journal_entries_organization_posted ON journal_entries (organization_id, posted_at);
CREATE INDEX idx_journal_lines_entry ON journal_lines (entry_id);
CREATE INDEX idx_journal_lines_account ON journal_lines (account_id);
CREATE INDEX idx_sessions_expires ON sessions (expires_at);

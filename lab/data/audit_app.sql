-- audit_app: counties' audit documents, filled by an ETL; FastAPI, SQLAlchemy, Alembic.

CREATE TABLE alembic_version (version_num varchar(32) CONSTRAINT alembic_version_pkc PRIMARY KEY);
INSERT INTO alembic_version VALUES ('c41f7a90d2be');

CREATE TABLE counties (
  id serial PRIMARY KEY,
  code varchar(3) NOT NULL UNIQUE,
  name varchar(100) NOT NULL UNIQUE,
  population integer NOT NULL CHECK (population > 0),
  created_at timestamptz NOT NULL
);
CREATE TABLE users (
  id serial PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE,
  hashed_password varchar(255) NOT NULL,
  role varchar(20) NOT NULL CHECK (role IN ('admin', 'analyst', 'viewer')),
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL
);
CREATE TABLE documents (
  id serial PRIMARY KEY,
  county_id integer NOT NULL REFERENCES counties (id),
  fiscal_year integer NOT NULL CHECK (fiscal_year BETWEEN 2000 AND 2100),
  document_type varchar(50) NOT NULL,
  title text NOT NULL,
  source_url text NOT NULL,
  sha256 char(64) NOT NULL UNIQUE,
  page_count integer NOT NULL,
  status varchar(20) NOT NULL CHECK (status IN ('pending', 'extracted', 'failed')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE TABLE audit_entries (
  id bigserial PRIMARY KEY,
  document_id integer NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
  county_id integer NOT NULL REFERENCES counties (id),
  fiscal_year integer NOT NULL,
  category varchar(60) NOT NULL,
  finding text NOT NULL,
  severity varchar(10) NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  amount numeric(18, 2),
  created_at timestamptz NOT NULL
);
CREATE TABLE budgets (
  county_id integer NOT NULL REFERENCES counties (id),
  fiscal_year integer NOT NULL,
  sector varchar(60) NOT NULL,
  allocated numeric(18, 2) NOT NULL,
  spent numeric(18, 2) NOT NULL,
  PRIMARY KEY (county_id, fiscal_year, sector)
);
CREATE TABLE etl_runs (
  id serial PRIMARY KEY,
  pipeline varchar(60) NOT NULL,
  status varchar(20) NOT NULL CHECK (status IN ('running', 'succeeded', 'failed')),
  rows_loaded integer NOT NULL,
  error text,
  started_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE TABLE audit_log (
  id bigserial PRIMARY KEY,
  user_id integer REFERENCES users (id) ON DELETE SET NULL,
  action varchar(60) NOT NULL,
  path text NOT NULL,
  status_code integer NOT NULL,
  ip_address inet NOT NULL,
  duration_ms integer NOT NULL,
  created_at timestamptz NOT NULL
);

INSERT INTO counties (code, name, population, created_at)
SELECT lpad(i::text, 3, '0'), 'County ' || lpad(i::text, 2, '0'), 90000 + pg_temp.pick('population', i, 4300000)::int, pg_temp.moment('county', i, 1095)
FROM generate_series(1, 47) i;

INSERT INTO users (email, hashed_password, role, is_active, created_at)
SELECT 'user' || i || '@example.com', '$2b$12$' || md5('password' || i) || substr(md5('salt' || i), 1, 21),
       pg_temp.one_of('role', i, 'viewer', 'viewer', 'analyst', 'admin'), i % 13 <> 0, pg_temp.moment('user', i, 900)
FROM generate_series(1, 60) i;

INSERT INTO documents (county_id, fiscal_year, document_type, title, source_url, sha256, page_count, status, created_at, updated_at)
SELECT 1 + pg_temp.pick('county', i, 47), 2018 + pg_temp.pick('year', i, 8), kind, initcap(kind) || ' ' || i,
       'https://sources.example.org/documents/' || i || '.pdf', md5('a' || i) || md5('b' || i), 8 + pg_temp.pick('pages', i, 400)::int,
       pg_temp.one_of('status', i, 'extracted', 'extracted', 'extracted', 'extracted', 'pending', 'failed'), created,
       created + make_interval(mins => pg_temp.pick('updated', i, 3000)::int)
FROM generate_series(1, pg_temp.rows() / 4) i,
     LATERAL (SELECT pg_temp.one_of('kind', i, 'audit report', 'budget', 'statement') AS kind, pg_temp.moment('document', i, 1095) AS created) d;

INSERT INTO audit_entries (document_id, county_id, fiscal_year, category, finding, severity, amount, created_at)
SELECT d.id, d.county_id, d.fiscal_year, pg_temp.one_of('category', d.id * 10 + k, 'Procurement', 'Payroll', 'Revenue', 'Assets', 'Pending bills'),
       'Finding ' || k || ' of document ' || d.id || ': amounts could not be supported by records.',
       pg_temp.one_of('severity', d.id * 10 + k, 'low', 'medium', 'medium', 'high', 'critical'),
       pg_temp.pick('amount', d.id * 10 + k, 90000000000) / 100.0, d.updated_at
FROM documents d, generate_series(1, 4) k WHERE d.status = 'extracted' ORDER BY d.id, k;

INSERT INTO budgets
SELECT c.id, y, s, allocated, round(allocated * (60 + pg_temp.pick('spent', c.id * 100000 + y * 10 + length(s), 45)) / 100.0, 2)
FROM counties c, generate_series(2018, 2025) y, unnest(ARRAY['Health', 'Roads', 'Education', 'Water']) s,
     LATERAL (SELECT 1000000 + pg_temp.pick('allocated' || s, c.id * 10000 + y, 900000000000) / 100.0 AS allocated) a;

INSERT INTO etl_runs (pipeline, status, rows_loaded, error, started_at, finished_at)
SELECT 'kenya_pipeline', status, CASE status WHEN 'succeeded' THEN pg_temp.pick('loaded', i, 900)::int ELSE 0 END,
       CASE status WHEN 'failed' THEN 'source answered 503' END, started, started + make_interval(secs => 60 + pg_temp.pick('took', i, 900)::int)
FROM generate_series(1, 365) i,
     LATERAL (SELECT CASE WHEN i % 17 = 0 THEN 'failed' ELSE 'succeeded' END AS status,
                     pg_temp.lab_now() - make_interval(days => 366 - i::int, hours => -2) AS started) r;

INSERT INTO audit_log (user_id, action, path, status_code, ip_address, duration_ms, created_at)
SELECT CASE WHEN i % 6 <> 0 THEN 1 + pg_temp.pick('user', i, 60) END, pg_temp.one_of('action', i, 'read', 'read', 'read', 'search', 'export', 'login'),
       '/api/v1/' || pg_temp.one_of('path', i, 'counties', 'documents', 'budgets', 'audits'),
       pg_temp.one_of('code', i, '200', '200', '200', '200', '200', '304', '401', '429', '500')::int, pg_temp.address('ip', i)::inet,
       5 + pg_temp.pick('duration', i, 2500)::int, pg_temp.moment('log', i, 365)
FROM generate_series(1, pg_temp.rows()) i;

CREATE INDEX ix_audit_entries_document_id ON audit_entries (document_id);
CREATE INDEX ix_audit_log_created_at ON audit_log (created_at);
CREATE INDEX ix_audit_log_ip_address ON audit_log (ip_address);
CREATE INDEX ix_documents_updated_at ON documents (updated_at);
-- idx_documents_county and idx_documents_year are missing on purpose: the runbook adds them.

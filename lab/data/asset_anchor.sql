-- asset_anchor: property management, a Flask application with Alembic; payments through Stripe, mails through Postmark.

CREATE TABLE alembic_version (version_num varchar(32) CONSTRAINT alembic_version_pkc PRIMARY KEY);
INSERT INTO alembic_version VALUES ('7f3e21b0a9c4');

CREATE TABLE users (
  id serial PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE,
  password_hash varchar(255) NOT NULL,
  role varchar(20) NOT NULL CHECK (role IN ('owner', 'manager', 'tenant', 'admin')),
  preferences jsonb NOT NULL DEFAULT '{}',
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL
);
CREATE TABLE properties (
  id serial PRIMARY KEY,
  owner_id integer NOT NULL REFERENCES users (id),
  name varchar(200) NOT NULL,
  address text NOT NULL,
  city varchar(100) NOT NULL,
  property_type varchar(30) NOT NULL CHECK (property_type IN ('apartment', 'house', 'commercial')),
  value numeric(14, 2) NOT NULL CHECK (value > 0),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE TABLE units (
  id serial PRIMARY KEY,
  property_id integer NOT NULL REFERENCES properties (id) ON DELETE CASCADE,
  unit_number varchar(20) NOT NULL,
  bedrooms smallint NOT NULL,
  rent numeric(10, 2) NOT NULL CHECK (rent >= 0),
  status varchar(20) NOT NULL CHECK (status IN ('vacant', 'occupied', 'maintenance')),
  UNIQUE (property_id, unit_number)
);
CREATE TABLE tenants (
  id serial PRIMARY KEY,
  user_id integer UNIQUE REFERENCES users (id) ON DELETE SET NULL,
  full_name varchar(200) NOT NULL,
  email varchar(255) NOT NULL,
  phone varchar(30),
  created_at timestamptz NOT NULL
);
CREATE TABLE leases (
  id serial PRIMARY KEY,
  unit_id integer NOT NULL REFERENCES units (id),
  tenant_id integer NOT NULL REFERENCES tenants (id),
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  rent numeric(10, 2) NOT NULL,
  status varchar(20) NOT NULL CHECK (status IN ('active', 'ended', 'terminated')),
  CHECK (ends_on > starts_on)
);
CREATE TABLE payments (
  id bigserial PRIMARY KEY,
  lease_id integer NOT NULL REFERENCES leases (id),
  tenant_id integer NOT NULL REFERENCES tenants (id),
  amount numeric(10, 2) NOT NULL CHECK (amount > 0),
  status varchar(20) NOT NULL CHECK (status IN ('succeeded', 'pending', 'failed', 'refunded')),
  stripe_payment_intent_id varchar(40) NOT NULL UNIQUE,
  created_at timestamptz NOT NULL
);
CREATE TABLE maintenance_requests (
  id serial PRIMARY KEY,
  unit_id integer NOT NULL REFERENCES units (id) ON DELETE CASCADE,
  tenant_id integer REFERENCES tenants (id) ON DELETE SET NULL,
  title varchar(200) NOT NULL,
  priority varchar(10) NOT NULL CHECK (priority IN ('low', 'normal', 'urgent')),
  status varchar(20) NOT NULL CHECK (status IN ('open', 'in_progress', 'done')),
  created_at timestamptz NOT NULL
);
CREATE TABLE files (
  id serial PRIMARY KEY,
  property_id integer NOT NULL REFERENCES properties (id) ON DELETE CASCADE,
  object_key varchar(400) NOT NULL UNIQUE,
  size_bytes bigint NOT NULL,
  created_at timestamptz NOT NULL
);

-- A third of the rows of `payments` are users: owners first, then the tenants.
INSERT INTO users (email, password_hash, role, preferences, is_active, created_at)
SELECT 'user' || i || '@example.com', 'pbkdf2:sha256:600000$' || md5('password' || i), CASE WHEN i = 1 THEN 'admin' WHEN i <= 40 THEN 'owner' WHEN i <= 50 THEN 'manager' ELSE 'tenant' END,
       jsonb_build_object('locale', pg_temp.one_of('locale', i, 'en', 'es'), 'alerts', i % 3 = 0), i % 23 <> 0, pg_temp.moment('user', i, 1095)
FROM generate_series(1, 50 + greatest(100, pg_temp.rows() / 10)) i;

INSERT INTO properties (owner_id, name, address, city, property_type, value, created_at, updated_at)
SELECT 2 + pg_temp.pick('owner', i, 39), 'Property ' || i, i || ' Main Street', pg_temp.one_of('city', i, 'Austin', 'Denver', 'Tampa', 'Boise'),
       pg_temp.one_of('type', i, 'apartment', 'apartment', 'house', 'commercial'), 90000 + pg_temp.pick('value', i, 900000000) / 100.0, created, created + interval '9 days'
FROM generate_series(1, greatest(30, pg_temp.rows() / 40)) i, LATERAL (SELECT pg_temp.moment('property', i, 1095) AS created) c;

INSERT INTO units (property_id, unit_number, bedrooms, rent, status)
SELECT p.id, 'U' || k, 1 + pg_temp.pick('bedrooms', p.id * 10 + k, 4), 600 + pg_temp.pick('rent', p.id * 10 + k, 260000) / 100.0,
       pg_temp.one_of('unit', p.id * 10 + k, 'occupied', 'occupied', 'occupied', 'vacant', 'maintenance')
FROM properties p, generate_series(1, 4) k ORDER BY p.id, k;

INSERT INTO tenants (user_id, full_name, email, phone, created_at)
SELECT id, 'Tenant ' || id, email, '+1555' || lpad(pg_temp.pick('phone', id, 10000000)::text, 7, '0'), created_at
FROM users WHERE role = 'tenant' ORDER BY id;

INSERT INTO leases (unit_id, tenant_id, starts_on, ends_on, rent, status)
SELECT u.id, 1 + pg_temp.pick('tenant', u.id, (SELECT count(*) FROM tenants)), starts, starts + 365, u.rent,
       CASE WHEN starts + 365 > pg_temp.lab_now()::date THEN 'active' ELSE pg_temp.one_of('ended', u.id, 'ended', 'ended', 'terminated') END
FROM units u, LATERAL (SELECT pg_temp.moment('lease', u.id, 900)::date AS starts) s ORDER BY u.id;

INSERT INTO payments (lease_id, tenant_id, amount, status, stripe_payment_intent_id, created_at)
SELECT l.id, l.tenant_id, l.rent, pg_temp.one_of('payment', i, 'succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded', 'pending', 'failed', 'refunded'),
       'pi_' || substr(md5('intent' || i), 1, 24), pg_temp.moment('payment', i, 900)
FROM generate_series(1, pg_temp.rows()) i JOIN leases l ON l.id = 1 + pg_temp.pick('lease', i, (SELECT count(*) FROM leases)) ORDER BY i;

INSERT INTO maintenance_requests (unit_id, tenant_id, title, priority, status, created_at)
SELECT l.unit_id, l.tenant_id, pg_temp.one_of('title', l.id, 'Leaking tap', 'No heating', 'Broken window', 'Door lock'),
       pg_temp.one_of('priority', l.id, 'low', 'normal', 'normal', 'urgent'), pg_temp.one_of('request', l.id, 'open', 'in_progress', 'done', 'done'), pg_temp.moment('request', l.id, 400)
FROM leases l WHERE l.id % 2 = 0 ORDER BY l.id;

INSERT INTO files (property_id, object_key, size_bytes, created_at)
SELECT id, 'properties/' || id || '/deed-' || md5('deed' || id) || '.pdf', 20000 + pg_temp.pick('file', id, 900000), created_at FROM properties ORDER BY id;

CREATE INDEX ix_properties_owner_id ON properties (owner_id);
CREATE INDEX ix_properties_city_type ON properties (city, property_type);
CREATE INDEX ix_leases_unit_id ON leases (unit_id);
CREATE INDEX ix_leases_tenant_id ON leases (tenant_id);
CREATE INDEX ix_payments_lease_id ON payments (lease_id);
CREATE INDEX ix_payments_created_at ON payments (created_at);

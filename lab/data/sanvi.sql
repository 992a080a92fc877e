-- sanvi: Sanvi Machinery, a NestJS application with TypeORM. Its runbook names users, quotations and conversions as the
-- business that is watched; machines and customers are what a quotation needs.

CREATE TABLE migrations (
  id serial CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY,
  "timestamp" bigint NOT NULL,
  name varchar NOT NULL
);
INSERT INTO migrations ("timestamp", name) VALUES
  (1704103200000, 'InitialSchema1704103200000'),
  (1717236000000, 'AddQuotations1717236000000'),
  (1748772000000, 'AddActivity1748772000000');

CREATE TABLE users (
  id uuid PRIMARY KEY,
  email varchar NOT NULL UNIQUE,
  "passwordHash" varchar NOT NULL,
  role varchar(20) NOT NULL CHECK (role IN ('admin', 'sales', 'customer')),
  "isActive" boolean NOT NULL DEFAULT true,
  "createdAt" timestamptz NOT NULL
);
CREATE TABLE customers (
  id uuid PRIMARY KEY,
  company varchar NOT NULL,
  country char(2) NOT NULL,
  "contactUserId" uuid REFERENCES users (id) ON DELETE SET NULL,
  "createdAt" timestamptz NOT NULL
);
CREATE TABLE machines (
  id serial PRIMARY KEY,
  sku varchar(20) NOT NULL UNIQUE,
  name varchar NOT NULL,
  category varchar(40) NOT NULL,
  price numeric(12, 2) NOT NULL CHECK (price > 0),
  specifications jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE quotations (
  id serial PRIMARY KEY,
  number varchar(20) NOT NULL UNIQUE,
  "customerId" uuid NOT NULL REFERENCES customers (id),
  "createdById" uuid REFERENCES users (id) ON DELETE SET NULL,
  status varchar(20) NOT NULL CHECK (status IN ('draft', 'sent', 'accepted', 'declined', 'expired')),
  total numeric(14, 2) NOT NULL DEFAULT 0,
  "validUntil" date NOT NULL,
  "createdAt" timestamptz NOT NULL
);
CREATE TABLE quotation_items (
  id bigserial PRIMARY KEY,
  "quotationId" integer NOT NULL REFERENCES quotations (id) ON DELETE CASCADE,
  "machineId" integer NOT NULL REFERENCES machines (id),
  quantity integer NOT NULL CHECK (quantity > 0),
  "unitPrice" numeric(12, 2) NOT NULL
);
CREATE TABLE activity (
  id bigserial PRIMARY KEY,
  "userId" uuid REFERENCES users (id) ON DELETE CASCADE,
  action varchar(40) NOT NULL,
  "createdAt" timestamptz NOT NULL
);

INSERT INTO users
SELECT pg_temp.id_of('user', i), 'user' || i || '@example.com', '$2b$10$' || md5('password' || i), pg_temp.one_of('role', i, 'customer', 'customer', 'sales', 'admin'),
       i % 19 <> 0, pg_temp.moment('user', i, 1000)
FROM generate_series(0, 149) i;

INSERT INTO customers
SELECT pg_temp.id_of('customer', i), 'Company ' || i, pg_temp.one_of('country', i, 'IN', 'AE', 'KE', 'DE'), pg_temp.id_of('user', i % 150), pg_temp.moment('customer', i, 1000)
FROM generate_series(0, greatest(49, pg_temp.rows() / 20)) i;

INSERT INTO machines (sku, name, category, price, specifications)
SELECT 'SM-' || lpad(i::text, 5, '0'), kind || ' ' || i, kind, 900 + pg_temp.pick('price', i, 9000000) / 100.0,
       jsonb_build_object('weight_kg', 50 + pg_temp.pick('weight', i, 9000), 'power_kw', 1 + pg_temp.pick('power', i, 90))
FROM generate_series(1, 120) i, LATERAL (SELECT pg_temp.one_of('kind', i, 'Lathe', 'Press', 'Mill', 'Drill', 'Saw') AS kind) k;

INSERT INTO quotations (number, "customerId", "createdById", status, "validUntil", "createdAt")
SELECT 'Q-' || lpad(i::text, 8, '0'), pg_temp.id_of('customer', pg_temp.pick('customer', i, 50)), pg_temp.id_of('user', i % 150),
       pg_temp.one_of('status', i, 'draft', 'sent', 'accepted', 'accepted', 'declined', 'expired'), (created + interval '30 days')::date, created
FROM generate_series(1, pg_temp.rows() / 4) i, LATERAL (SELECT pg_temp.moment('quotation', i, 1095) AS created) c;

INSERT INTO quotation_items ("quotationId", "machineId", quantity, "unitPrice")
SELECT q.id, m.id, 1 + pg_temp.pick('quantity', q.id * 10 + k, 5)::int, m.price
FROM quotations q, generate_series(1, 3) k, LATERAL (SELECT id, price FROM machines WHERE id = 1 + pg_temp.pick('machine', q.id * 10 + k, 120)) m
WHERE q.id % 3 <> 0 OR k = 1 ORDER BY q.id, k;

UPDATE quotations SET total = sums.total
FROM (SELECT "quotationId", sum(quantity * "unitPrice") AS total FROM quotation_items GROUP BY 1) sums WHERE sums."quotationId" = quotations.id;

INSERT INTO activity ("userId", action, "createdAt")
SELECT pg_temp.id_of('user', pg_temp.pick('who', i, 150)), pg_temp.one_of('action', i, 'login', 'view', 'view', 'search', 'quotation'), pg_temp.moment('activity', i, 180)
FROM generate_series(1, pg_temp.rows()) i;

CREATE INDEX "IDX_quotations_customer" ON quotations ("customerId");
CREATE INDEX "IDX_quotations_createdAt" ON quotations ("createdAt");
CREATE INDEX "IDX_quotation_items_quotation" ON quotation_items ("quotationId");
CREATE INDEX "IDX_activity_createdAt" ON activity ("createdAt");

-- Values that look random and are the same in every lab: they hang on a word and a row number only.
-- Rows in the largest table: the setting lab.rows. All times lie in the three years before `lab_now`.

CREATE FUNCTION pg_temp.rows() RETURNS bigint LANGUAGE sql STABLE
  RETURN current_setting('lab.rows')::bigint;

CREATE FUNCTION pg_temp.lab_now() RETURNS timestamptz LANGUAGE sql IMMUTABLE
  RETURN timestamptz '2026-11-01 00:00:00+00';

-- 0 .. below-1
CREATE FUNCTION pg_temp.pick(salt text, i bigint, below bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
  RETURN ('x' || substr(md5(salt || i), 1, 15))::bit(60)::bigint % below;

CREATE FUNCTION pg_temp.one_of(salt text, i bigint, VARIADIC choices text[]) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN choices[1 + ('x' || substr(md5(salt || i), 1, 15))::bit(60)::bigint % array_length(choices, 1)];

CREATE FUNCTION pg_temp.id_of(salt text, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN md5(salt || '#' || i)::uuid;

-- an instant within `days` before lab_now
CREATE FUNCTION pg_temp.moment(salt text, i bigint, days bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
  RETURN timestamptz '2026-11-01 00:00:00+00'
         - make_interval(secs => ('x' || substr(md5(salt || i), 1, 15))::bit(60)::bigint % (days * 86400));

CREATE FUNCTION pg_temp.address(salt text, i bigint) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN '10.' || ('x' || substr(md5(salt || i), 1, 2))::bit(8)::int || '.'
         || ('x' || substr(md5(salt || i), 3, 2))::bit(8)::int || '.' || ('x' || substr(md5(salt || i), 5, 2))::bit(8)::int;

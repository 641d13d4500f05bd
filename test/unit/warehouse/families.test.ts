import { expect, test } from 'vitest'
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.ts'
import { postgresDialect } from '../../../src/warehouse/postgres/dialect.ts'

test.each([
  ['VARCHAR', 'text'],
  ["ENUM('a', 'b(c)')", 'text'],
  ['UHUGEINT', 'integer'],
  ['DECIMAL(38,10)', 'decimal'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamptz'],
  ['TIMESTAMP_NS', 'timestamp'],
  ['VARCHAR[]', 'array'],
  ['INTEGER[3]', 'array'],
  ['STRUCT(a INTEGER[])', 'other'],
  ['STRUCT(a INTEGER)[]', 'array'],
  ['MAP(VARCHAR, INTEGER)', 'other'],
  ['JSON', 'json'],
  ['BLOB', 'binary'],
  ['INTERVAL', 'other'],
])('DuckDB: %s is %s', (type, family) => {
  expect(duckdbDialect.family(type)).toBe(family)
})

test.each([
  ['character varying(255)', 'text'],
  ['"char"', 'text'],
  ['citext', 'text'],
  ['extensions.citext', 'text'],
  ['numeric(10,2)', 'decimal'],
  ['numeric(2,-3)', 'decimal'],
  ['timestamp(3) without time zone', 'timestamp'],
  ['timestamp(0) with time zone', 'timestamptz'],
  ['time(6) with time zone', 'time'],
  ['character varying(5)[]', 'array'],
  ['jsonb', 'json'],
  ['money', 'other'],
  ['interval', 'other'],
  ['int4range', 'other'],
])('PostgreSQL: %s is %s', (type, family) => {
  expect(postgresDialect.family(type)).toBe(family)
})

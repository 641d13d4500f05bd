import { expect, test } from 'vitest'
import { duckdbError } from '../../../src/warehouse/duckdb/errors.ts'
import { postgresError } from '../../../src/warehouse/postgres/errors.ts'

const place = { host: 'db.example.com', port: 5432, user: 'dbt', database: 'shop' }
const pgError = (code: string, message: string, more = {}, sql = '') =>
  postgresError(
    Object.assign(new Error(message), { code, ...more }),
    'Running a statement',
    place,
    sql,
  )

test.each([
  ['08006', 'transient'],
  ['57P01', 'transient'],
  ['40001', 'transient'],
  ['40P01', 'transient'],
  ['53300', 'transient'],
  ['57014', 'terminal'],
  ['42P01', 'terminal'],
  ['23505', 'terminal'],
])('PostgreSQL: %s is %s', (code, disposition) => {
  expect(pgError(code, 'x').disposition).toBe(disposition)
})

test.each([
  ['28P01', 'password authentication failed for user "dbt"', /password of dbt/],
  [
    '28000',
    'no pg_hba.conf entry for host "1.2.3.4", user "dbt", database "shop", no encryption',
    /sslmode: require/,
  ],
  [
    '28000',
    'no pg_hba.conf entry for host "1.2.3.4", user "dbt", database "shop", SSL encryption',
    /pg_hba/,
  ],
  ['3D000', 'database "shop" does not exist', /database shop/],
  [
    '42501',
    'permission denied for schema marts',
    /grant usage on schema "marts" to "dbt"; grant select on all tables in schema "marts" to "dbt";/,
  ],
  ['42501', 'permission denied for database shop', /grant create on database "shop" to "dbt"/],
  ['42501', 'permission denied for table t', /grant select on "t" to "dbt";$/],
  [
    '42501',
    'permission denied to create temporary tables in database "shop"',
    /grant temporary on database "shop" to "dbt"/,
  ],
  [
    '28000',
    'role "dbt" does not exist',
    /^The server knows no role dbt: check user in profiles.yml.* create role "dbt" login/,
  ],
  ['22023', 'role "dbt" does not exist', /knows no role dbt/],
  [
    '53100',
    'could not extend file "base/1": No space left on device',
    /disk of the server is full/,
  ],
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND db.example.com', /does not resolve/],
])('PostgreSQL: %s %s has a hint', (code, message, hint) => {
  expect(pgError(code, message).hint).toMatch(hint)
})

test.each([
  [
    'select * from "shop"."marts"."t" limit 0',
    'grant usage on schema "marts" to "dbt"; grant select',
  ],
  ['select * from marts.t', 'grant usage on schema marts to "dbt"; grant select'],
  [
    'insert into "hub"."t" select * from "marts"."x"',
    'grant select, insert, update, delete on all',
  ],
  ['insert into "hub"."x" select * from "marts"."t"', 'grant usage on schema "marts" to "dbt"'],
])('PostgreSQL: a table denied in %s', (sql, grant) => {
  expect(pgError('42501', 'permission denied for table t', {}, sql).hint).toContain(grant)
})

test.each([
  ['22P02', 'invalid input syntax for type integer: "ada@example.com"'],
  ['23505', 'duplicate key value violates unique constraint "k": ada@example.com'],
  ['P0001', 'ada@example.com'],
])('PostgreSQL: %s does not show the value', (code, message) => {
  const error = pgError(code, message, { constraint: 'k', detail: 'Key (e)=(ada@example.com)' })
  expect(`${error.message} ${error.hint} ${JSON.stringify(error.cause)}`).not.toContain('ada')
  expect(error.message).toContain(code)
})

test.each([
  "Conversion Error: Could not convert string 'ada' to INT32",
  'Constraint Error: Duplicate key "e: ada" violates primary key constraint',
  'Invalid Input Error: ada',
  'ada',
])('DuckDB: %s does not show the value', (message) => {
  const error = duckdbError(new Error(`${message}\nLINE 1: ada`), 'Running a statement')
  expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain('ada')
})

test('DuckDB: names are shown, a conflict of writers is transient', () => {
  const missing = duckdbError(new Error('Catalog Error: Table with name t does not exist!'), 'x')
  expect(missing).toMatchObject({ disposition: 'terminal', code: 'Catalog Error' })
  expect(missing.message).toContain('Table with name t')
  const conflict = duckdbError(new Error('TransactionContext Error: Conflict on update!'), 'x')
  expect(conflict.disposition).toBe('transient')
})

test('DuckDB: a full disk says so, and no rights are asked for', () => {
  const full = duckdbError(
    new Error(
      'TransactionContext Error: Failed to commit: Could not write file "/shop/x.duckdb.wal": No space left on device',
    ),
    'Running a statement',
  )
  expect(full).toMatchObject({
    isMissingRight: false,
    hint: expect.stringMatching(/^The disk is full/),
  })
})

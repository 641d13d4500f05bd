// What the state should hold so that the diff is cheap: typed copies of the columns, a digest of the rendered row, or a
// fingerprint of the raw row beside the values sent. Each form is measured on both engines with the dialects' own SQL.
//   npm run bench:diff -- --rows 1000000
// Compare ratios within one run, not milliseconds between runs.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { parseArgs } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { startPostgres } from '../scripts/postgres.mjs'
import { silentLogger } from '../src/log.ts'
import type { TypeFamily, WireForm } from '../src/warehouse/dialect.ts'
import { tableName } from '../src/warehouse/dialect.ts'
import { openWarehouse } from '../src/warehouse/open.ts'
import { join, raw, type Sql, sql } from '../src/warehouse/sql.ts'
import type { Connection, Warehouse } from '../src/warehouse/warehouse.ts'

const { values: flags } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, engine: { type: 'string' } },
})
const rows = Number(flags.rows)
const repeats = 3

interface BenchColumn {
  readonly name: string
  readonly type: string
  readonly family: TypeFamily
  readonly wire: WireForm
  /** SQL of the value in row `i`, in both engines. */
  readonly value: string
}

const column = (
  name: string,
  type: string,
  family: TypeFamily,
  kind: WireForm['kind'],
  value: string,
): BenchColumn => ({ name, type, family, wire: { kind }, value })

const columns: readonly BenchColumn[] = [
  column('email', 'varchar', 'text', 'text', "'user' || i || '@example.com'"),
  column('first_name', 'varchar', 'text', 'text', "'First ' || (i % 997)"),
  column('last_name', 'varchar', 'text', 'text', "'Last ' || (i % 7919)"),
  column('company', 'varchar', 'text', 'text', "'Company number ' || (i % 20011)"),
  column('phone', 'varchar', 'text', 'text', "'+1 555 ' || (1000000 + i % 8999999)"),
  column('revenue', 'decimal(12, 2)', 'decimal', 'number', '(i % 1000003) / 7.0'),
  column('score', 'double precision', 'float', 'number', '(i % 10007) / 3.0'),
  column('is_active', 'boolean', 'boolean', 'boolean', 'i % 3 = 0'),
  column(
    'signed_up_at',
    'timestamp',
    'timestamp',
    'datetime',
    "timestamp '2015-01-01' + i * interval '101 second'",
  ),
  column(
    'seen_at',
    'timestamp with time zone',
    'timestamptz',
    'datetime',
    "timestamp with time zone '2020-01-01 00:00:00+00' + i * interval '17 second'",
  ),
  column('birthday', 'date', 'date', 'date', "date '1960-01-01' + cast(i % 20000 as integer)"),
  column('visits', 'integer', 'integer', 'number', 'i % 500'),
]

const names = raw(columns.map((c) => c.name).join(', '))
const values = (i: string) =>
  columns.map((c) => `cast(${c.value.replace(/\bi\b/g, i)} as ${c.type})`)

interface Engine {
  readonly name: string
  readonly warehouse: Warehouse
  /** Bytes that a table takes on disk. */
  size(table: string): Promise<number>
  close(): Promise<void>
}

const options = {
  log: silentLogger,
  signal: new AbortController().signal,
  applicationName: 'backhaul bench',
  memoryLimit: '4GB',
}

async function openDuckdb(): Promise<Engine> {
  const projectDir = mkdtempSync(joinPath(tmpdir(), 'backhaul-bench-'))
  const user = await DuckDBInstance.create(joinPath(projectDir, 'bench.duckdb'))
  user.closeSync()
  const connection: Connection = { type: 'duckdb', settings: { path: 'bench.duckdb' }, projectDir }
  const warehouse = await openWarehouse(connection, options)
  const size = async (table: string) => {
    const file = joinPath(projectDir, 'size.duckdb')
    await warehouse.execute(raw(`attach '${file}' as size_of`))
    await warehouse.execute(raw(`create table size_of.t as select * from ${table}`))
    await warehouse.execute(raw('detach size_of'))
    const { size: bytes } = statSync(file)
    rmSync(file)
    return bytes
  }
  const close = async () => {
    await warehouse.close()
    rmSync(projectDir, { recursive: true })
  }
  return { name: warehouse.description.split(',', 1)[0] ?? 'DuckDB', warehouse, size, close }
}

async function openPostgres(): Promise<Engine> {
  const started = await startPostgres()
  if (!started.available) throw new Error(started.reason)
  const { hostname, port, username, pathname } = new URL(started.server.url)
  const settings = {
    host: hostname,
    port,
    user: username,
    password: 'none',
    dbname: pathname.slice(1),
    schema: 'bench',
  }
  const warehouse = await openWarehouse(
    { type: 'postgres', settings, projectDir: tmpdir() },
    options,
  )
  const size = async (table: string) => {
    const answer = await warehouse.query(sql`select pg_total_relation_size(${table}) as bytes`)
    return Number(answer[0]?.['bytes'])
  }
  const close = async () => {
    await warehouse.close()
    await started.server.stop()
  }
  return { name: warehouse.description.split(' (', 1)[0] ?? 'PostgreSQL', warehouse, size, close }
}

/** The SQL under test. `m` is the model, `s` the state. */
function statements({ dialect, stateDatabase }: Warehouse) {
  const table = (name: string) =>
    tableName(dialect, {
      ...(stateDatabase === undefined ? {} : { database: stateDatabase }),
      schema: 'bench',
      name,
    })
  const rendered = (alias: string) =>
    columns.map((c) => ({
      name: c.name,
      value: dialect.render(raw(`${alias}.${c.name}`), c.family, c.wire).value,
    }))
  const object = (alias: string) => dialect.jsonObject(rendered(alias))
  const fingerprint = (seed: string) =>
    dialect.fingerprint(
      seed,
      columns.map((c) => ({ value: raw(`m.${c.name}`), family: c.family })),
    )
  const hint = raw(dialect.capabilities.materializes ? 'as materialized' : 'as')
  const plan = raw(table('plan'))
  const model = raw(table('model'))

  const typed = sql`create table ${plan} as
    select coalesce(m.id, s.id) as id, case when m.id is not null then ${object('m')} end as new_values
    from ${model} as m full join ${raw(table('state_typed'))} as s on s.id = m.id
    where s.id is null or m.id is null or ${join(
      columns.map((c) => raw(`m.${c.name} is distinct from s.${c.name}`)),
      ' or ',
    )}`
  const digest = sql`create table ${plan} as
    with r as (select m.id, ${object('m')} as new_values from ${model} as m)
    select coalesce(r.id, s.id) as id, r.new_values
    from r full join ${raw(table('state_digest'))} as s on s.id = r.id
    where s.id is null or r.id is null or md5(r.new_values) <> s.digest`
  const state = raw(table('state_fingerprint'))
  const sent = dialect.openJson(
    raw('s.sent_values'),
    columns.map((c) => c.name),
  )
  /** One join of whole rows. */
  const wide = (seed: string) => sql`
    with r as (select m.*, ${fingerprint(seed)} as fingerprint from ${model} as m),
    candidates ${hint} (
      select r.*, s.id as known_id, ${sent} as sent
      from r full join ${state} as s on s.id = r.id
      where s.id is null or r.id is null or r.fingerprint <> s.fingerprint
    ),`
  /** A join of keys and fingerprints, then one of the rows that it finds. */
  const narrow = (seed: string) => sql`
    with found ${hint} (
      select coalesce(r.id, s.id) as id, r.fingerprint
      from (select m.id, ${fingerprint(seed)} as fingerprint from ${model} as m) as r
      full join (select id, fingerprint from ${state}) as s on s.id = r.id
      where s.id is null or r.id is null or r.fingerprint <> s.fingerprint
    ),
    candidates ${hint} (
      select m.*, f.fingerprint, s.id as known_id, ${sent} as sent
      from found as f left join ${model} as m on m.id = f.id left join ${state} as s on s.id = f.id
    ),`
  const byFingerprint = (candidates: Sql) => sql`create table ${plan} as ${candidates}
    rendered ${hint} (
      select id, known_id, fingerprint, ${join(
        rendered('c').flatMap(({ name, value }) => [
          sql`${value} as ${raw(name)}`,
          sql`${dialect.jsonField(raw('c.sent'), name)} as ${raw(`old_${name}`)}`,
        ]),
      )} from candidates as c
    )
    select coalesce(id, known_id) as id, fingerprint,
      ${dialect.jsonObject(columns.map((c) => ({ name: c.name, value: raw(c.name) })))} as new_values,
      ${dialect.nameList(columns.map((c) => ({ name: c.name, when: raw(`${c.name} is distinct from old_${c.name}`) })))} as changed
    from rendered
    where ${join([raw('id is null'), ...columns.map((c) => raw(`${c.name} is distinct from old_${c.name}`))], ' or ')}`

  return {
    table,
    build: [
      `create schema if not exists ${table('x').replace(/\.[^.]*$/, '')}`,
      `create table ${table('model')} as select cast('id-' || i as varchar) as id, ${values('i')
        .map((value, index) => `${value} as ${columns[index]?.name}`)
        .join(', ')} from generate_series(1, ${rows}) as g(i)`,
    ].map(raw),
    states: [
      sql`create table ${raw(table('state_typed'))} as select id, ${names} from ${model}`,
      sql`create table ${raw(table('state_digest'))} as select id, md5(v) as digest, v as sent_values from (select m.id, ${object('m')} as v from ${model} as m) as r`,
      sql`create table ${raw(table('state_fingerprint'))} as select m.id, ${fingerprint('seed')} as fingerprint, ${object('m')} as sent_values from ${model} as m`,
    ],
    change: [
      `delete from ${table('model')} where cast(substr(id, 4) as integer) % 1000 = 1`,
      `update ${table('model')} set company = company || ' Ltd', score = score + 0.5 where cast(substr(id, 4) as integer) % 100 = 2`,
      `insert into ${table('model')} select cast('id-' || i as varchar), ${values('i').join(', ')} from generate_series(${rows + 1}, ${rows + Math.floor(rows / 1000)}) as g(i)`,
    ].map(raw),
    scan: sql`select ${join(columns.map((c) => raw(`sum(length(cast(${c.name} as varchar)))`)))} from ${model}`,
    measured: [
      { name: '(a) typed copy, `is distinct from`', statement: typed },
      { name: '(b) rendered JSON, md5', statement: digest },
      {
        name: '(c) fingerprint, then values of changed rows',
        statement: byFingerprint(wide('seed')),
      },
      {
        name: '(c2) the same, keys and fingerprints joined first',
        statement: byFingerprint(narrow('seed')),
      },
      {
        name: "(c') after a mapping change: every row rendered",
        statement: byFingerprint(wide('other seed')),
      },
    ],
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0

async function measure(engine: Engine): Promise<void> {
  const { warehouse } = engine
  const { table, build, states, change, scan, measured } = statements(warehouse)
  for (const statement of [...build, ...states, ...change]) await warehouse.execute(statement)
  for (const name of ['model', 'state_typed', 'state_digest', 'state_fingerprint']) {
    await warehouse.execute(raw(`analyze ${table(name)}`))
  }
  const print = (line: string) => process.stdout.write(`${line}\n`)
  print(`\n${engine.name}, ${rows} rows\n`)
  print('| | ms | scan beside it, ms | x scan | rows found |\n| --- | --- | --- | --- | --- |')
  for (const { name, statement } of measured) {
    let found: unknown
    const runs: { ms: number; scanMs: number }[] = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      // The scan is timed beside each run: what else the machine does then weighs on both.
      const scanMs = await timed(() => warehouse.query(scan))
      const ms = await timed(() => warehouse.execute(statement))
      runs.push({ ms, scanMs })
      found = (await warehouse.query(raw(`select count(*) as n from ${table('plan')}`)))[0]?.['n']
      await warehouse.execute(raw(`drop table ${table('plan')}`))
    }
    const ms = median(runs.map((run) => run.ms))
    const scanMs = median(runs.map((run) => run.scanMs))
    const ratio = median(runs.map((run) => run.ms / run.scanMs))
    print(
      `| ${name} | ${Math.round(ms)} | ${Math.round(scanMs)} | ${ratio.toFixed(2)} | ${found} |`,
    )
  }
  print('\n| state form | MB |\n| --- | --- |')
  for (const name of ['model', 'state_typed', 'state_digest', 'state_fingerprint']) {
    print(`| ${name} | ${((await engine.size(table(name))) / 2 ** 20).toFixed(0)} |`)
  }
}

process.stdout.write(`${cpus().length} cores\n`)
for (const [name, open] of Object.entries({ duckdb: openDuckdb, postgres: openPostgres })) {
  if (flags.engine !== undefined && flags.engine !== name) continue
  const engine = await open()
  try {
    await measure(engine)
  } finally {
    await engine.close()
  }
}

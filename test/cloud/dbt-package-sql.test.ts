import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureCloudDbt } from '../../scripts/dbt.mjs'
import { offline, preparePackageProject, warningsOf } from '../../scripts/dbt-package.mjs'
import { sharedTables, stateTable, type TableSpec } from '../../src/record/tables.ts'
import { bigqueryDialect } from '../../src/warehouse/bigquery/dialect.ts'
import type { Dialect } from '../../src/warehouse/dialect.ts'
import { snowflakeDialect } from '../../src/warehouse/snowflake/dialect.ts'
import { startGoogleSql } from '../support/bigquery/googlesql.ts'
import { startSnowflakeSql } from '../support/snowflake/analyzer.ts'
import type { CatalogTable } from '../support/zetasql.ts'

/*
 * What dbt compiles of the package for Snowflake and BigQuery, with their own adapters and without a connection, and what analyzers of
 * their SQL say of it.
 */

let folder: string
let dbt: Awaited<ReturnType<typeof preparePackageProject>> | undefined
let missing = ''

beforeAll(async () => {
  const program = await ensureCloudDbt()
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-package-')))
  if (program.available) dbt = await preparePackageProject(folder, program.path)
  else if (process.env['CI']) throw new Error(`CI is set, so dbt must run, but: ${program.reason}`)
  else missing = program.reason
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface CompiledNode {
  readonly unique_id: string
  readonly resource_type: string
  readonly package_name: string
  readonly name: string
  readonly alias: string
  readonly compiled_code: string
  readonly columns: Readonly<Record<string, object>>
  readonly config: {
    readonly column_types?: Readonly<Record<string, string>>
    readonly error_if?: string
  }
}

/** Compiles everything, as if the audit tables of two syncs were there. */
async function compile(target: 'snowflake' | 'bigquery'): Promise<readonly CompiledNode[]> {
  if (dbt === undefined) return []
  const vars = '{backhaul_syncs: [contacts, deals]}'
  const place = ['--target', target, '--target-path', target, '--vars', vars]
  const { code, output } = await dbt(['compile', ...offline, ...place])
  expect(code, output).toBe(0)
  expect(warningsOf(output)).toEqual([])
  const manifest = JSON.parse(readFileSync(join(folder, target, 'manifest.json'), 'utf8'))
  return Object.values(manifest.nodes)
}

/** Types of columns that models make, by name; of others those of the audit tables. */
const made: Readonly<Record<string, 'text' | 'integer' | 'boolean' | 'date' | 'float' | 'list'>> = {
  id: 'integer',
  joined_ms: 'integer',
  born_ms: 'integer',
  row_count: 'integer',
  run_count: 'integer',
  succeeded_count: 'integer',
  runs_since_success: 'integer',
  max_hours: 'integer',
  hours_since_success: 'float',
  is_late: 'boolean',
  day: 'date',
}

/** Columns that are of another type in one model. */
const madeOtherwise: Readonly<Record<string, 'list' | 'float'>> = {
  'lists.colours': 'list',
  'numbers.joined_ms': 'float',
}

interface Engine {
  readonly target: 'snowflake' | 'bigquery'
  readonly dialect: Dialect
  /** Types as the analyzer's catalog names them. */
  readonly types: Readonly<Record<string, string>>
  readonly database: string
}

const auditSpecs: Readonly<Record<string, TableSpec>> = {
  ...sharedTables,
  state__contacts: stateTable,
  state__deals: stateTable,
}

function typeOf({ types, dialect }: Engine, name: string): string {
  const kind = made[name]
  if (kind !== undefined) return types[kind] ?? ''
  const column = Object.values(auditSpecs)
    .flatMap(({ columns }) => columns)
    .find((each) => each.name === name)
  return column === undefined ? (types['text'] ?? '') : dialect.type(column.kind)
}

/** What the statements read: seeds, models and the audit tables. */
function catalog(engine: Engine, nodes: readonly CompiledNode[]): readonly CatalogTable[] {
  const { database, dialect, types } = engine
  const audit = Object.entries(auditSpecs).map(([name, { columns }]) => ({
    path: [database, 'marts_backhaul', name],
    columns: Object.fromEntries(
      columns.map(({ name: column, kind }) => [column, dialect.type(kind)]),
    ),
  }))
  const seeds = nodes
    .filter(({ resource_type }) => resource_type === 'seed')
    .map(({ name, config }) => ({
      path: [database, 'marts', name],
      columns: Object.fromEntries(
        Object.entries(config.column_types ?? {}).map(([column, type]) => [
          column,
          plainType(engine, type),
        ]),
      ),
    }))
  const models = nodes
    .filter(({ resource_type }) => resource_type === 'model')
    .map(({ name, alias, columns }) => ({
      path: [database, 'marts', alias],
      columns: Object.fromEntries(
        [...Object.keys(columns), ...(undocumented[name] ?? [])].map((column) => [
          column,
          types[madeOtherwise[`${name}.${column}`] ?? ''] ?? typeOf(engine, column),
        ]),
      ),
    }))
  return [...audit, ...seeds, ...models]
}

/** Columns of the project's own models. */
const undocumented: Readonly<Record<string, readonly string[]>> = {
  helper_values: [
    'id',
    'joined_ms',
    'born_ms',
    'liked',
    'joined_colours',
    'colours_of_roles',
    'companies',
    'unlabelled_companies',
    'self',
    'self_by_literal',
    'self_unlabelled',
  ],
  lists: ['id'],
  numbers: ['id'],
}

/** A type of dbt_project.yml as the catalog names it. */
function plainType({ types }: Engine, type: string): string {
  const kinds: Readonly<Record<string, string>> = {
    integer: 'integer',
    bigint: 'integer',
    int64: 'integer',
    boolean: 'boolean',
    date: 'date',
    timestamp: 'moment',
  }
  return types[kinds[type] ?? 'text'] ?? ''
}

/** Every model and test, with what is wrong with it. */
async function wrongStatements(
  engine: Engine,
  analyze: (statement: string, tables: readonly CatalogTable[]) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const nodes = await compile(engine.target)
  const tables = catalog(engine, nodes)
  const statements = nodes.filter(({ resource_type }) => ['model', 'test'].includes(resource_type))
  expect(statements.length).toBeGreaterThan(40)
  const wrong: string[] = []
  for (const { unique_id, compiled_code } of statements) {
    const problem = await analyze(compiled_code, tables)
    if (problem !== undefined) wrong.push(`${unique_id}: ${problem}\n${compiled_code}`)
  }
  return wrong
}

test('what dbt compiles for BigQuery is GoogleSQL', async (context) => {
  if (dbt === undefined) context.skip(`no dbt: ${missing}`)
  const google = await startGoogleSql()
  const types = {
    text: 'string',
    integer: 'int64',
    boolean: 'bool',
    date: 'date',
    float: 'float64',
    list: 'array<string>',
    moment: 'timestamp',
  }
  const engine: Engine = { target: 'bigquery', dialect: bigqueryDialect, types, database: 'shop' }
  try {
    expect(
      await wrongStatements(engine, (text, tables) => google.analyze(text, [], tables)),
    ).toEqual([])
  } finally {
    google.stop()
  }
}, 300_000)

test("the tests and macros mean on BigQuery what they should, by Google's reference implementation", async (context) => {
  if (dbt === undefined) context.skip(`no dbt: ${missing}`)
  const nodes = await compile('bigquery')
  const own = nodes.filter(
    ({ resource_type, package_name, name }) =>
      resource_type === 'test' &&
      package_name === 'backhaul_package_test' &&
      !name.includes('audit'),
  )
  expect(own.length).toBeGreaterThan(20)
  const inline = withoutTables(nodes)
  const google = await startGoogleSql()
  try {
    const counted: (readonly [string, number])[] = []
    for (const node of own) {
      const [row] = await google.evaluate(`select count(*) from (${inline(node.compiled_code)})`)
      counted.push([node.name, Number(row?.[0])])
    }
    expect(counted).toEqual(own.map((node) => [node.name, expectedRows(node)]))
  } finally {
    google.stop()
  }
}, 300_000)

test('what dbt compiles for Snowflake is its SQL', async (context) => {
  if (dbt === undefined) context.skip(`no dbt: ${missing}`)
  const snowflake = await startSnowflakeSql()
  if (snowflake === undefined) return context.skip('the analyzer cannot be installed')
  const types = {
    text: 'varchar',
    integer: 'number',
    boolean: 'boolean',
    date: 'date',
    float: 'float',
    list: 'array',
    moment: 'timestamp_ntz',
  }
  const engine: Engine = { target: 'snowflake', dialect: snowflakeDialect, types, database: 'SHOP' }
  try {
    expect(
      await wrongStatements(engine, (text, tables) =>
        snowflake.analyze(readable(text), [], tables),
      ),
    ).toEqual([])
  } finally {
    snowflake.stop()
  }
}, 300_000)

/**
 * Statements with seeds and models in the place of what they read, so that no table is needed.
 *
 * @returns by unique_id
 */
function withoutTables(nodes: readonly CompiledNode[]): (text: string) => string {
  const relation = ({ name }: CompiledNode) => `\`shop\`.\`marts\`.\`${name}\``
  const inline = (text: string): string =>
    nodes.reduce((known, node) => {
      if (!known.includes(relation(node))) return known
      const content = node.resource_type === 'seed' ? seedQuery(node) : inline(node.compiled_code)
      return known.replaceAll(relation(node), () => `(${content})`)
    }, text)
  return inline
}

/** The rows of a seed, each a select of its own. */
function seedQuery({ name, config }: CompiledNode): string {
  const [header = [], ...rows] = readFileSync(join(folder, 'seeds', `${name}.csv`), 'utf8')
    .trimEnd()
    .split('\n')
    .map(cells)
  const selects = rows.map((row) => {
    const values = header.map((column, index) => {
      const type = config.column_types?.[column] ?? 'string'
      const text = row[index] ?? ''
      const zoned = type === 'timestamp' && text !== '' ? `${text}+00` : text
      const value = zoned === '' ? 'null' : `'${zoned.replaceAll("'", "\\'")}'`
      return `cast(${value} as ${type === 'integer' ? 'int64' : type === 'boolean' ? 'bool' : type}) as ${column}`
    })
    return `select ${values.join(', ')}`
  })
  return selects.join(' union all ')
}

/** The cells of a line of CSV. */
const cells = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )

/** Rows that a test of the integration project has to give. */
const expectedRows = ({ config }: CompiledNode): number =>
  Number(config.error_if?.replace('<> ', '').replace('!= 0', '0') ?? 0)

/**
 * A statement as the analyzer of Snowflake's SQL can read it: it knows neither LISTAGG, nor a doubled quote in a literal, nor an ARRAY without
 * a type of its elements.
 */
const readable = (text: string): string =>
  withoutListagg(text)
    .replaceAll(/(?<=\w)''(?=\w)/g, "\\'")
    .replaceAll('as array)', 'as array<variant>)')

/** `listagg(x, ';') within group (order by y)` as `max(x || y)`, so that x and y are checked. */
function withoutListagg(text: string): string {
  const start = text.indexOf('listagg(')
  if (start < 0) return text
  const list = inParentheses(text, start + 'listagg'.length)
  const within = text.indexOf('(', list.end)
  const order = inParentheses(text, within)
  const value = list.inside.replace(/^distinct /, '').replace(/, '.'$/, '')
  const call = `max((${value}) || (${order.inside.replace(/^order by /, '')}))`
  return text.slice(0, start) + call + withoutListagg(text.slice(order.end))
}

function inParentheses(text: string, open: number): { inside: string; end: number } {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth += 1
    if (text[at] === ')') depth -= 1
    if (depth === 0) return { inside: text.slice(open + 1, at), end: at + 1 }
  }
  throw new Error('a parenthesis is not closed')
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Template } from '@huggingface/jinja'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { buildFromArtifacts } from '../../src/cli/demo/build-from-artifacts.ts'
import { copyExampleProject } from '../../src/cli/demo/example-project.ts'
import { type GoogleSql, startGoogleSql } from '../support/bigquery/googlesql.ts'
import { asBuiltOn, copyStatements, marts, readBuiltTables } from '../support/built-tables.ts'
import { type ModelTable, typeNames } from '../support/engine-words.ts'
import { projectWarehouse } from '../support/project-warehouse.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'

/*
 * The example has targets on all engines, so its SQL must be theirs. dbt builds it on DuckDB and PostgreSQL in the
 * end-to-end tests; here its models run on every server under test, with dbt's macros as the adapters define them.
 */

type EngineName = TestEngine['name']

/** `dbt.dateadd` of the adapters. */
const dateAdd: Readonly<Record<EngineName, (part: string, count: number, from: string) => string>> =
  {
    duckdb: (part, count, from) => `date_add(${from}, interval (${count}) ${part})`,
    postgres: (part, count, from) => `${from} + ((interval '1 ${part}') * (${count}))`,
    snowflake: (part, count, from) => `dateadd(${part}, ${count}, ${from})`,
    bigquery: (part, count, from) =>
      `datetime_add(cast(${from} as datetime), interval ${count} ${part})`,
  }

/** `dbt.listagg` of the adapters. */
const stringAgg = (value: string, separator: string, order: string): string =>
  `string_agg(${value}, ${separator} ${order})`
const listAgg: Readonly<Record<EngineName, typeof stringAgg>> = {
  duckdb: stringAgg,
  postgres: stringAgg,
  snowflake: (value, separator, order) => `listagg(${value}, ${separator}) within group (${order})`,
  bigquery: stringAgg,
}

interface Model {
  readonly name: string
  readonly kind: 'view' | 'table'
  readonly code: string
}

let dir: string
let models: readonly Model[]
let seeds: readonly ModelTable[]
let views: readonly ModelTable[]
let built: readonly ModelTable[]

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'backhaul-example-'))
  copyExampleProject(dir)
  await buildFromArtifacts(dir)
  const { nodes } = JSON.parse(readFileSync(join(dir, 'artifacts', 'manifest.json'), 'utf8'))
  const named = (type: string) =>
    Object.values<Node>(nodes).filter((node) => node.resource_type === type)
  models = parentsFirst(named('model')).map(({ name, config, raw_code: code }) => ({
    name,
    kind: config.materialized,
    code,
  }))
  const viewNames = models.filter(({ kind }) => kind === 'view').map(({ name }) => name)
  seeds = await readBuiltTables(
    dir,
    named('seed').map(({ name }) => name),
  )
  views = await readBuiltTables(dir, viewNames)
  built = await readBuiltTables(dir, marts)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

interface Node {
  readonly unique_id: string
  readonly depends_on: { readonly nodes: readonly string[] }
  readonly resource_type: string
  readonly name: string
  readonly raw_code: string
  readonly config: { readonly materialized: 'view' | 'table' }
}

function parentsFirst(nodes: readonly Node[]): readonly Node[] {
  const ordered = new Set<Node>()
  const add = (node: Node): void => {
    for (const parent of nodes) if (node.depends_on.nodes.includes(parent.unique_id)) add(parent)
    ordered.add(node)
  }
  nodes.forEach(add)
  return [...ordered]
}

/** A model's SQL as dbt compiles it for an engine. */
function compiled(code: string, engine: EngineName, ref: (name: string) => string): string {
  const { text, integer } = typeNames(engine)
  const { vars } = parse(readFileSync(join(dir, 'dbt_project.yml'), 'utf8'))
  return new Template(code).render({
    ref,
    var: (name: string) => vars[name],
    dbt: {
      type_string: () => text,
      type_int: () => integer,
      dateadd: dateAdd[engine],
      listagg: listAgg[engine],
    },
  })
}

describe.each(testEngines())('the models of the example on $name', (engine) => {
  test.skipIf(engine.missing !== undefined)('make the same marts', async () => {
    const warehouse = await projectWarehouse(engine.name, dir, 'elsewhere')
    try {
      const statements = models.map(
        ({ name, kind, code }) =>
          `create ${kind} ${name} as ${compiled(code, engine.name, warehouse.relation)}`,
      )
      await warehouse.sql(...copyStatements(seeds, engine), ...statements)
      for (const mart of built) {
        const columns = comparableColumns(mart)
        const rows = await warehouse.rows(
          `select ${columns.join(', ')} from ${mart.name} order by ${columns[0]}`,
        )
        expect(rows.map(texts), mart.name).toEqual(cellsOf(mart, columns))
      }
    } finally {
      await warehouse.drop()
    }
  })
})

/** Columns whose values read alike on all engines, the key first. */
const comparableColumns = ({ columns }: ModelTable): readonly string[] =>
  Object.keys(columns).filter((name) => /^(text|integer|boolean)$/.test(columns[name] ?? ''))

const texts = (row: Readonly<Record<string, unknown>>): readonly (string | null)[] =>
  Object.values(row).map((value) => (value === null ? null : String(value)))

/** Rows of these columns, by the first of them. */
function cellsOf({ columns, rows }: ModelTable, chosen: readonly string[]) {
  const places = chosen.map((name) => Object.keys(columns).indexOf(name))
  return rows
    .map((row) => places.map((place) => row[place] ?? null))
    .sort(([one], [other]) => Number(one) - Number(other))
}

describe('to Google’s own analyzer', () => {
  let google: GoogleSql
  beforeAll(async () => {
    google = await startGoogleSql()
  })
  afterAll(() => google?.stop())

  test('the models of the example are GoogleSQL', async () => {
    const tables = [...seeds, ...views, ...built].map((table) => ({
      path: ['marts', table.name],
      columns: googleTypes(asBuiltOn('bigquery', table)),
    }))
    for (const { name, code } of models) {
      const statement = compiled(code, 'bigquery', (table) => `\`marts\`.\`${table}\``)
      expect(await google.analyze(statement, [], tables), name).toBeUndefined()
    }
  })
})

/** Without parameters, which the analyzer has no use for. */
function googleTypes({ columns }: ModelTable): Readonly<Record<string, string>> {
  const names = typeNames('bigquery')
  return Object.fromEntries(
    Object.entries(columns).map(([column, type]) => [column, names[type].replace(/\(.*/, '')]),
  )
}

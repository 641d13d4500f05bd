import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { type GoogleSql, type Parameter, startGoogleSql } from '../support/bigquery/googlesql.ts'
import { type RecordingProxy, startProxy } from '../support/bigquery/proxy.ts'
import { bigqueryUrl, whyNoBigquery } from '../support/bigquery.ts'
import { type Fate, openCycle, Portal } from '../support/diff-cycle.ts'
import { quietOptions } from '../support/schemas.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'
import type { CatalogTable } from '../support/zetasql.ts'

let google: GoogleSql
let proxy: RecordingProxy

beforeAll(async () => {
  if (whyNoBigquery() !== undefined) return
  google = await startGoogleSql()
  proxy = await startProxy(bigqueryUrl())
})
afterAll(async () => {
  google?.stop()
  await proxy?.close()
})

/** The engine with the proxy in front. */
const listening = (engine: TestEngine): TestEngine => ({
  ...engine,
  async create() {
    const place = await engine.create()
    const settings = { ...place.connection.settings, api_endpoint: proxy.url }
    const open = () => openWarehouse({ ...place.connection, settings }, quietOptions())
    return { ...place, open }
  },
})

const fates: readonly Fate[] = [
  'ok',
  'refused',
  'not-sent',
  'doubt-written',
  'doubt-unwritten',
  'killed-written',
]

interface Query {
  readonly query: string
  readonly queryParameters: readonly Parameter[]
}

test.skipIf(whyNoBigquery() !== undefined)(
  'every statement of runs in trouble is GoogleSQL',
  async () => {
    const bigquery = testEngines().find(({ name }) => name === 'bigquery') as TestEngine
    const cycle = await openCycle(new Portal(), listening(bigquery))
    const rows = [...'abcdef'].map((id) => ({ id, email: `${id}@example.com`, name: id }))
    let turn = 0
    for (const score of [1, 2, 3]) {
      await cycle.setModel(rows.slice(score - 1).map((row) => ({ ...row, score })))
      await cycle.run(() => fates[turn++ % fates.length] ?? 'ok')
    }
    await cycle.close()
    const queries = new Map(
      proxy.seen.flatMap(({ method, path, body }): [string, Query][] => {
        const isQuery =
          method === 'POST' && /\/jobs(\?|$)/.test(path) && !path.includes('uploadType')
        if (!isQuery) return []
        const { query } = (JSON.parse(body) as { configuration: { query: Query } }).configuration
        return [[query.query, query]]
      }),
    )
    const statements = [...queries.values()].flatMap(({ query, queryParameters }) =>
      (query.startsWith('begin transaction') ? query.split(';\n') : [query]).map((statement) => ({
        statement,
        queryParameters,
      })),
    )
    const tables = statements.flatMap(({ statement }) => tablesMadeBy(statement))
    tables.push(modelOf(statements.map(({ statement }) => statement).join('\n')))
    expect(statements.length).toBeGreaterThan(25)
    for (const { statement, queryParameters } of statements) {
      const problem = await google.analyze(statement, queryParameters, tables)
      expect(problem, statement).toBeUndefined()
    }
  },
  120_000,
)

const parts = (name: string) => name.split('.').map((part) => part.replaceAll('`', ''))

/** The table that a statement creates, read from its DDL. */
function tablesMadeBy(statement: string): CatalogTable[] {
  const ddl = /^create table if not exists (\S+) \(\n(.*?)\n\)/s.exec(statement)
  if (ddl === null) return []
  const [, name = '', columns = ''] = ddl
  const pairs = [...columns.matchAll(/^ {2}(\w+) (\w+)/gm)].map(([, column, type]) => [
    column,
    type,
  ])
  return [{ path: parts(name), columns: Object.fromEntries(pairs) }]
}

/** The model that the diff cycle builds. */
const modelOf = (statements: string): CatalogTable => ({
  path: parts(/`[^`]+`\.`[^`]+`\.`contacts`/.exec(statements)?.[0] ?? ''),
  columns: { id: 'string', email: 'string', name: 'string', score: 'float64' },
})

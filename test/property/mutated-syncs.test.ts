import { setTimeout as sleepFor } from 'node:timers/promises'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonSchema } from '../../src/config/json-schema.ts'
import { resolveSyncs } from '../../src/config/resolve-syncs.ts'
import { openHubspot } from '../../src/destination/hubspot/open.ts'
import { formatProblem, type Problem, UserError } from '../../src/errors.ts'
import { silentLogger } from '../../src/log.ts'
import { Collector, type Section } from '../../src/manifest/collect.ts'
import { bindSync } from '../../src/plan/bind/bind.ts'
import { readingStatements } from '../../src/plan/diff-model.ts'
import { schemaReader } from '../../src/run/prepare/schema-reader.ts'
import { checkWhere } from '../../src/run/prepare/where-check.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import type { ObjectSchema, Sync } from '../../src/types.ts'
import { bigqueryDialect } from '../../src/warehouse/bigquery/dialect.ts'
import type { Column } from '../../src/warehouse/dialect.ts'
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.ts'
import { postgresDialect } from '../../src/warehouse/postgres/dialect.ts'
import { snowflakeDialect } from '../../src/warehouse/snowflake/dialect.ts'
import { sql } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { duckdbEngine, type TestPlace } from '../support/warehouses.ts'
import { faultsOf } from './clear-problem.ts'
import { type Document, documentOf, nodesOf, yamlFile } from './dbt-files.ts'
import { definitionWithMistakes } from './mutations.ts'
import {
  type Definition,
  definePortal,
  definitions,
  goodFilter,
  peopleTable,
} from './sync-definitions.ts'

const dialects = [duckdbDialect, postgresDialect, snowflakeDialect, bigqueryDialect]
/** One in so many valid syncs is explained by DuckDB, which takes longer than all the rest. */
const explainedShare = 25

let place: TestPlace
let sandbox: Sandbox
let warehouse: Warehouse
let relation: string
let columns: readonly Column[]
let readSchema: (sync: Sync) => Promise<ObjectSchema>

beforeAll(async () => {
  place = await duckdbEngine.create()
  await place.build(peopleTable)
  sandbox = await startSandbox({ tier: 'unlimited' })
  definePortal(sandbox)
  warehouse = await place.open()
  relation = place.relation('people')
  columns = (await warehouse.columns(relation)) ?? []
  const context = {
    clock: Date.now,
    random: () => 0,
    sleep: async (ms: number) => void (await sleepFor(ms)),
    drain: new AbortController().signal,
    log: silentLogger,
  }
  const { token, url: baseUrl } = sandbox
  const destination = openHubspot({
    ...context,
    token,
    baseUrl,
    requestTimeoutMs: 5000,
    keepBodies: false,
  })
  readSchema = schemaReader({ ...context, destination })
})
afterAll(async () => {
  await place.close()
  await sandbox.close()
})

/** What is left of the file in dbt's manifest. */
function manifestOf(document: Document) {
  const collector = new Collector()
  collector.add('metadata', 'metadata', { project_name: 'shop' })
  for (const [section, nodes] of Object.entries(nodesOf(document, relation))) {
    for (const [id, node] of Object.entries(nodes)) {
      collector.add(section as Section, id, JSON.parse(JSON.stringify(node)))
    }
  }
  return collector.finish('target/manifest.json')
}

interface Verdict {
  readonly problems: readonly Problem[]
  /** Syncs that nothing speaks against. */
  readonly valid: readonly Sync[]
}

/** Goes the way of `validate`, and compiles what a plan of the valid syncs would run. Throws what is no UserError. */
async function judge(definition: Definition): Promise<Verdict> {
  const document = documentOf(definition)
  const yaml = JSON.stringify(document, null, 1)
  const { syncs, problems } = resolveSyncs(manifestOf(document), {
    projectDir: '/shop',
    readFile: (path) => (path === `/shop/${yamlFile}` ? yaml : undefined),
  })
  const found = [...problems]
  const valid: Sync[] = []
  for (const sync of syncs.filter(({ enabled }) => enabled)) {
    try {
      const schema = await readSchema(sync)
      const refusals = compileAll(sync, schema)
      if (refusals.length > 0) throw new UserError(refusals)
      if (sync.where !== goodFilter) await checkWhere(warehouse, sync)
      valid.push(sync)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      found.push(...error.problems)
    }
  }
  return { problems: found, valid }
}

/** The reading statements of a plan in every dialect, or what speaks against the sync. */
function compileAll(sync: Sync, schema: ObjectSchema): readonly Problem[] {
  for (const dialect of dialects) {
    const { bound, problems } = bindSync(sync, schema, columns, dialect.quote)
    if (bound === undefined) return problems
    for (const statement of readingStatements(dialect, { ...bound, ...run, relation })) {
      const compiled = dialect.compile(statement)
      expect(compiled.sql).not.toMatch(/\[object \w+\]|\bundefined\b/)
      expect(compiled.bindings).not.toContain(undefined)
    }
  }
  return []
}

const run = {
  runId: 'run-1',
  plan: { schema: 'backhaul', name: 'plan' },
  auditValues: 'full',
  isFullRefresh: false,
} as const

/** DuckDB understands what a plan would ask it. */
async function explain(sync: Sync): Promise<void> {
  const { bound } = bindSync(sync, await readSchema(sync), columns, duckdbDialect.quote)
  if (bound === undefined) throw new TypeError(`${sync.name} was valid`)
  const { plan: _, ...counting } = run
  await warehouse.withSnapshot(async () => {
    for (const statement of readingStatements(duckdbDialect, { ...bound, ...counting, relation })) {
      await warehouse.query(sql`explain ${statement}`)
    }
  })
}

test('of the definitions as they are, only what is not carried out yet is told', async () => {
  for (const definition of definitions) {
    const { problems } = await judge(definition)
    expect(
      problems.map(formatProblem).filter((text) => !text.includes('not supported yet')),
    ).toEqual([])
  }
})

test('10,000 definitions with mistakes in them give 10,000 clear results', async () => {
  const acceptsInEditor = new Ajv({ strict: false }).compile(jsonSchema())
  const results = { valid: 0, refused: 0, slowestCpuMs: 0 }
  await fc.assert(
    fc.asyncProperty(definitionWithMistakes, async (definition) => {
      const before = process.cpuUsage()
      const { problems, valid } = await judge(definition)
      const { user, system } = process.cpuUsage(before)
      results.slowestCpuMs = Math.max(results.slowestCpuMs, (user + system) / 1000)
      const unclear = problems.flatMap((problem) =>
        faultsOf(problem).map((fault) => ({ fault, problem })),
      )
      if (unclear.length > 0) expect(unclear).toEqual([])
      if (problems.length > 0) {
        results.refused += 1
        return
      }
      results.valid += 1
      // What is no key, or of the wrong kind, is not overlooked. A sync may say otherwise than its defaults.
      const { meta, exposure = {}, ...rest } = definition
      const { hubspot_defaults: _, ...ofModel } = meta
      const { hubspot_defaults: __, ...ofExposure } = exposure
      const document = documentOf({ ...rest, meta: ofModel, exposure: ofExposure })
      expect([acceptsInEditor(document), acceptsInEditor.errors]).toEqual([true, null])
      if (results.valid % explainedShare === 0) for (const sync of valid) await explain(sync)
    }),
    { numRuns: 10_000, seed: 5 },
  )
  // The mistakes are such that some definitions survive them, and most do not.
  expect(results.valid).toBeGreaterThan(500)
  expect(results.refused).toBeGreaterThan(5000)
  // Of the processor, so that a busy machine is not taken for a pattern that runs away.
  expect(results.slowestCpuMs).toBeLessThan(5000)
})

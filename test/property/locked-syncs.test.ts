import { setTimeout as sleepFor } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveSyncs } from '../../src/config/resolve-syncs.ts'
import type { Destination } from '../../src/destination/destination.ts'
import { lockedHubspot } from '../../src/destination/hubspot/locked.ts'
import { openHubspot } from '../../src/destination/hubspot/open.ts'
import { type Problem, UserError } from '../../src/errors.ts'
import { differences } from '../../src/lock/differences.ts'
import { lockText } from '../../src/lock/lock-text.ts'
import { renewLock } from '../../src/lock/locked-portal.ts'
import { readLock } from '../../src/lock/read-lock.ts'
import { recording } from '../../src/lock/record.ts'
import { type ReadSync, usedBy } from '../../src/lock/used.ts'
import { silentLogger } from '../../src/log.ts'
import { Collector, type Section } from '../../src/manifest/collect.ts'
import { bindSync } from '../../src/plan/bind/bind.ts'
import { findTargetList } from '../../src/run/members/list.ts'
import { schemaReader } from '../../src/run/prepare/schema-reader.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import type { Sync } from '../../src/types.ts'
import type { Column } from '../../src/warehouse/dialect.ts'
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.ts'
import { duckdbEngine } from '../support/warehouses.ts'
import { documentOf, nodesOf, yamlFile } from './dbt-files.ts'
import { definitionWithMistakes } from './mutations.ts'
import { type Definition, definePortal, definitions, peopleTable } from './sync-definitions.ts'

const context = {
  clock: Date.now,
  random: () => 0,
  sleep: async (ms: number) => void (await sleepFor(ms)),
  drain: new AbortController().signal,
  log: silentLogger,
  say: (words: string) => `backhaul ${words}`,
}

let sandbox: Sandbox
let hubspot: Destination
let relation: string
let columns: readonly Column[]

beforeAll(async () => {
  const place = await duckdbEngine.create()
  await place.build(peopleTable)
  const warehouse = await place.open()
  relation = place.relation('people')
  columns = (await warehouse.columns(relation)) ?? []
  await place.close()
  sandbox = await startSandbox({ tier: 'unlimited' })
  definePortal(sandbox)
  hubspot = openHubspot({
    ...context,
    token: sandbox.token,
    baseUrl: sandbox.url,
    requestTimeoutMs: 5000,
    keepBodies: false,
  })
})
afterAll(() => sandbox.close())

function syncsOf(definition: Definition): readonly Sync[] {
  const document = documentOf(definition)
  const collector = new Collector()
  collector.add('metadata', 'metadata', { project_name: 'shop' })
  for (const [section, nodes] of Object.entries(nodesOf(document, relation))) {
    for (const [id, node] of Object.entries(nodes)) {
      collector.add(section as Section, id, JSON.parse(JSON.stringify(node)))
    }
  }
  const yaml = JSON.stringify(document, null, 1)
  const { syncs } = resolveSyncs(collector.finish('target/manifest.json'), {
    projectDir: '/shop',
    readFile: (path) => (path === `/shop/${yamlFile}` ? yaml : undefined),
  })
  return syncs.filter(({ enabled }) => enabled)
}

interface Verdict {
  readonly read: readonly ReadSync[]
  readonly problems: readonly Problem[]
  /** What a plan would be made of. */
  readonly bound: readonly unknown[]
}

/** Goes the way of `validate` and `plan`, but for owners, who stand in no lock. */
async function judge(destination: Destination, syncs: readonly Sync[]): Promise<Verdict> {
  const asking = { ...context, destination: { ...destination, owners: async () => [] } }
  const readSchema = schemaReader(asking, syncs)
  const read: ReadSync[] = []
  const problems: Problem[] = []
  const bound: unknown[] = []
  for (const sync of syncs) {
    try {
      const schema = await readSchema(sync)
      read.push({ sync, schema })
      const { list } = sync
      if (list !== undefined) {
        const found = await findTargetList(asking, sync, list, schema, undefined, [])
        bound.push({ ...found, size: undefined })
      }
      const binding = bindSync(sync, schema, columns, duckdbDialect.quote)
      problems.push(...binding.problems)
      bound.push(binding)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push(...error.problems)
    }
  }
  return { read, problems, bound }
}

/** What a missing object is taken for is not in a lock, which has no names of other objects. */
const withoutHints = ({ problems }: Verdict) =>
  problems.map(({ hint, ...problem }) =>
    problem.message.startsWith('HubSpot has no object type') ? problem : { hint, ...problem },
  )

async function compare(definition: Definition): Promise<number> {
  const syncs = syncsOf(definition)
  const { destination, portal } = recording(hubspot)
  const online = await judge(destination, syncs)
  const account = await hubspot.account(context.drain)
  const locked = portal(account, ['ci'], usedBy(online.read))
  const text = lockText([locked], 'v3')
  const [again] = readLock('hubspot.lock.yml', text).portals
  if (again === undefined) throw new TypeError('the lock has no portal')
  expect(lockText([again], 'v3')).toBe(text)
  const broken = new Set(online.problems.flatMap(({ sync }) => sync ?? []))
  expect(differences(again, locked, { syncs, broken })).toEqual([])
  const offline = await judge(
    lockedHubspot(again, { file: 'hubspot.lock.yml', renew: renewLock() }, context),
    syncs,
  )
  expect(withoutHints(offline)).toEqual(withoutHints(online))
  expect(offline.bound).toEqual(online.bound)
  return online.problems.length
}

test('the definitions as they are mean the same by a lock as by HubSpot', async () => {
  for (const definition of definitions) await compare(definition)
})

test('so do 150 definitions with mistakes in them, which are told in the same words', async () => {
  let refused = 0
  await fc.assert(
    fc.asyncProperty(definitionWithMistakes, async (definition) => {
      if ((await compare(definition)) > 0) refused += 1
    }),
    { numRuns: 150, seed: 7 },
  )
  expect(refused).toBeGreaterThan(5)
})

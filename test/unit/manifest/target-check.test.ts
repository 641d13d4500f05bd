import { describe, expect, test } from 'vitest'
import { Collector } from '../../../src/manifest/collect.ts'
import type { RunResults } from '../../../src/manifest/run-results.ts'
import { checkTarget, type TargetCheckRequest } from '../../../src/manifest/target-check.ts'

const HOUR_MS = 3_600_000
const builtAt = '2026-01-01T12:00:00Z'

interface Case {
  readonly target?: Partial<TargetCheckRequest['target']>
  readonly results?: Partial<RunResults> | false
  readonly nodes?: readonly Readonly<Record<string, unknown>>[]
  readonly mode?: TargetCheckRequest['mode']
  readonly adapter?: string | null
}

/** A manifest of the postgres target `prod`, whose models are in shop.analytics. */
function check({ target, results, nodes = [{}], mode = 'auto', adapter = 'postgres' }: Case = {}) {
  const collector = new Collector()
  collector.add('metadata', 'metadata', { invocation_id: 'one', adapter_type: adapter })
  nodes.forEach((node, place) => {
    collector.add('nodes', `model.shop.m${place}`, {
      resource_type: 'model',
      schema: 'analytics',
      database: 'shop',
      ...node,
    })
  })
  const manifest = collector.finish('manifest.json')
  const runResults: RunResults = {
    path: 'run_results.json',
    dbtVersion: '1.12.0',
    invocationId: 'one',
    generatedAt: builtAt,
    env: {},
    command: 'build',
    isEmpty: false,
    isSample: false,
    results: new Map(),
    ...results,
  }
  return checkTarget({
    manifest,
    runResults: results === false ? undefined : runResults,
    models: [...manifest.models.values()],
    target: {
      name: 'prod',
      defaultName: 'dev',
      samePlace: [],
      adapter: 'postgres',
      schema: 'analytics',
      database: 'shop',
      ...target,
    },
    mode,
    nowMs: Date.parse(builtAt) + HOUR_MS,
    maxAgeMs: 24 * HOUR_MS,
  })
}

test('what dbt built for the target is fine', () => {
  expect(check()).toEqual({ kind: 'fine' })
  expect(check({ results: false })).toEqual({ kind: 'fine' })
  expect(check({ results: { target: 'prod' } })).toEqual({ kind: 'fine' })
})

test('a build that names no target was of the default of the profile, where that is the one read here', () => {
  const results = { profilesDir: '/shop' }
  expect(check({ results, target: { profilesDir: '/shop' } })).toMatchObject({
    kind: 'held',
    why: expect.stringContaining('the last dbt build was of target dev, and this is target prod'),
  })
  const target = { name: 'dev', profilesDir: '/shop' }
  expect(check({ results, target })).toEqual({ kind: 'fine' })
  expect(check({ results, target: { profilesDir: '/elsewhere' } })).toEqual({ kind: 'fine' })
  expect(check({ results: {}, target: { profilesDir: '/shop' } })).toEqual({ kind: 'fine' })
})

test('a manifest of another adapter is refused in every mode', () => {
  for (const mode of ['auto', 'require', 'off'] as const) {
    expect(check({ adapter: 'duckdb', mode })).toEqual({
      kind: 'refused',
      why: 'dbt built this manifest for duckdb, target prod is postgres',
      hint: 'Run dbt build --target prod, or choose the target that dbt built with --target.',
    })
  }
  expect(check({ adapter: null })).toEqual({ kind: 'fine' })
})

describe('the target that the results name', () => {
  const why =
    'the last dbt build was of target dev, and this is target prod: run dbt build --target prod'

  test.each(['auto', 'require'] as const)('holds when it is another, with --gate %s', (mode) => {
    expect(check({ results: { target: 'dev' }, mode })).toEqual({ kind: 'held', why })
  })

  test('is the profile’s own when dbt was given none', () => {
    expect(check({ results: { target: null } })).toEqual({ kind: 'held', why })
    expect(check({ results: { target: null }, target: { defaultName: 'prod' } })).toEqual({
      kind: 'fine',
    })
  })

  test('is fine when it builds in the same place, by another user say', () => {
    const target = { samePlace: ['dev'] }
    expect(check({ results: { target: 'dev' }, target, mode: 'require' })).toEqual({ kind: 'fine' })
    expect(check({ results: { target: null }, target })).toEqual({ kind: 'fine' })
    expect(check({ results: { target: 'other' }, target })).toMatchObject({ kind: 'held' })
  })

  test('only warns when the gate is off', () => {
    expect(check({ results: { target: 'dev' }, mode: 'off' })).toEqual({ kind: 'warning', why })
  })

  test('says nothing when it is from another invocation long ago', () => {
    const old = { target: 'dev', generatedAt: '2025-12-01T00:00:00Z' }
    expect(check({ results: { ...old, invocationId: 'two' } })).toEqual({ kind: 'fine' })
    expect(check({ results: old })).toMatchObject({ kind: 'held' })
  })
})

describe('models that are all in another place', () => {
  const elsewhere = { schema: 'dbt_ada' }
  const why =
    "dbt's manifest has the models in shop.dbt_ada, target prod builds in shop.analytics: run dbt build --target prod"

  test('warn, and hold where results are required', () => {
    expect(check({ nodes: [elsewhere] })).toEqual({ kind: 'warning', why })
    expect(check({ nodes: [elsewhere], mode: 'require' })).toEqual({ kind: 'held', why })
  })

  test('are noticed by their database, too', () => {
    expect(check({ nodes: [{ database: 'dev' }] })).toMatchObject({ kind: 'warning' })
    expect(check({ nodes: [{ database: 'dev' }], target: { database: undefined } })).toEqual({
      kind: 'fine',
    })
  })

  test('are noticed when `dbt parse` for another target came after the build', () => {
    const results = { target: 'prod', invocationId: 'two' }
    expect(check({ nodes: [elsewhere], results })).toMatchObject({ kind: 'warning' })
  })

  test.each([
    ['the build that wrote the manifest was of this target', [elsewhere], { target: 'prod' }],
    ['one of them is in the target’s schema', [elsewhere, {}], {}],
    ['their schema begins with the target’s', [{ schema: 'Analytics_marts' }], {}],
    ['their own config names a schema', [{ ...elsewhere, config: { schema: 'x' } }], {}],
    ['there are none', [], {}],
  ])('are fine when %s', (_, nodes, results) => {
    expect(check({ nodes, results, mode: 'require' })).toEqual({ kind: 'fine' })
  })
})

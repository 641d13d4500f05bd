import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { silentLogger } from '../../../src/log.ts'
import { Collector } from '../../../src/manifest/collect.ts'
import { type GateMode, gate, type Verdict } from '../../../src/manifest/gate.ts'
import { readManifest } from '../../../src/manifest/read-manifest.ts'
import { type RunResults, readRunResults } from '../../../src/manifest/run-results.ts'
import type { SyncGate } from '../../../src/types.ts'
import { exampleArtifacts, hasSamples, samples, samplesDir } from './samples.ts'

const log = silentLogger
const HOUR_MS = 3_600_000
const builtAt = '2026-01-01T12:00:00Z'
const nowMs = Date.parse(builtAt) + HOUR_MS

const collector = new Collector()
collector.add('metadata', 'metadata', { invocation_id: 'one' })
for (const name of ['a', 'b']) {
  collector.add('nodes', `model.shop.${name}`, { resource_type: 'model', name })
}
collector.add('nodes', 'test.shop.unique_a', {
  resource_type: 'test',
  name: 'unique_a',
  attached_node: 'model.shop.a',
})
collector.add('nodes', 'test.shop.relationships_a_b', {
  resource_type: 'test',
  name: 'relationships_a_b',
  attached_node: 'model.shop.a',
  depends_on: { nodes: ['model.shop.a', 'model.shop.b'] },
})
collector.add('nodes', 'test.shop.singular', {
  resource_type: 'test',
  name: 'singular',
  depends_on: { nodes: ['model.shop.b'] },
})
collector.add('unit_tests', 'unit_test.shop.a.math', {
  name: 'math',
  depends_on: { nodes: ['model.shop.a', 'model.shop.b'] },
})
const manifest = collector.finish('manifest.json')

function results(
  statuses: Readonly<Record<string, string>>,
  over: Partial<RunResults> = {},
): RunResults {
  return {
    path: 'run_results.json',
    dbtVersion: '1.12.0',
    invocationId: 'one',
    generatedAt: builtAt,
    env: {},
    command: 'build',
    isEmpty: false,
    isSample: false,
    results: new Map(
      Object.entries(statuses).map(([uniqueId, status]) => [
        uniqueId,
        { uniqueId, status, message: undefined },
      ]),
    ),
    ...over,
  }
}

function judge(
  runResults: RunResults | readonly RunResults[] | undefined,
  mode: GateMode = 'auto',
  { policy, env = {} }: { policy?: SyncGate; env?: Readonly<Record<string, string>> } = {},
) {
  const found = gate({
    manifest,
    runResults: [runResults ?? []].flat(),
    mode,
    env,
    nowMs,
    maxAgeMs: 24 * HOUR_MS,
  })
  const of = (name: string): Verdict => found.verdictOf(`model.shop.${name}`, policy)
  return { ...found, a: of('a'), b: of('b') }
}

describe('a model', () => {
  test.each(['success', 'reused', 'warn'])('that dbt reports as %s goes', (status) => {
    expect(judge(results({ 'model.shop.a': status })).a).toMatchObject({ verdict: 'go' })
  })

  test.each(['error', 'runtime error', 'skipped', 'partial success', 'something new'])(
    'that dbt reports as %s is held, and the run fails',
    (status) => {
      expect(judge(results({ 'model.shop.a': status })).a).toMatchObject({
        verdict: 'held',
        exitCode: 1,
        why: `dbt reports ${status} for the model`,
      })
    },
  )

  test('that was not part of the build is held, and the run does not fail', () => {
    expect(judge(results({ 'model.shop.a': 'success' })).b).toEqual({
      verdict: 'held',
      exitCode: 0,
      why: 'the model was not part of the last dbt build',
      causes: [],
    })
  })

  test.each(['test.shop.unique_a', 'unit_test.shop.a.math'])(
    'whose test %s failed is held',
    (id) => {
      const { a, b } = judge(
        results({ 'model.shop.a': 'success', 'model.shop.b': 'success', [id]: 'fail' }),
      )
      expect(a).toMatchObject({ verdict: 'held', exitCode: 1 })
      expect(b).toMatchObject({ verdict: 'go' })
    },
  )

  test('is not held by a test of another model that reads it', () => {
    const { a, b } = judge(
      results({
        'model.shop.a': 'success',
        'model.shop.b': 'success',
        'test.shop.relationships_a_b': 'fail',
      }),
    )
    expect([a.verdict, b.verdict]).toEqual(['held', 'go'])
  })

  test('is held by a singular test that reads it', () => {
    const { b } = judge(results({ 'model.shop.b': 'success', 'test.shop.singular': 'error' }))
    expect(b).toMatchObject({ verdict: 'held', why: 'failed dbt test of the model: singular' })
  })

  test('whose test dbt skipped is held, because nobody knows how it would have ended', () => {
    const built = results({
      'model.shop.a': 'success',
      'model.shop.b': 'success',
      'test.shop.unique_a': 'skipped',
      'test.shop.relationships_a_b': 'pass',
    })
    expect(judge(built).a).toEqual({
      verdict: 'held',
      exitCode: 1,
      why: 'dbt skipped test of the model: unique_a',
      causes: [{ node: 'model.shop.a', test: 'test.shop.unique_a', status: 'skipped' }],
    })
    expect(judge(built).b).toMatchObject({ verdict: 'go' })
    expect(judge(built, 'auto', { policy: { check: 'build', upstream: [] } }).a).toMatchObject({
      verdict: 'go',
      warning: 'dbt skipped test: unique_a',
    })
    const below: SyncGate = { check: 'tests', upstream: ['model.shop.a'] }
    expect(judge(built, 'auto', { policy: below }).b).toMatchObject({
      verdict: 'held',
      why: 'what the model is made of is not well: test unique_a of model a was skipped',
    })
  })

  describe('of a build that was interrupted', () => {
    const whole = { isWholeProject: true }
    const interrupted = (over: Partial<RunResults> = whole) =>
      results({ 'model.shop.a': 'success', 'test.shop.unique_a': 'pass' }, over)

    test('is held where its tests were not reached', () => {
      expect(judge(interrupted()).a).toMatchObject({
        verdict: 'held',
        exitCode: 1,
        why: "the last dbt build ended before the model's test: relationships_a_b",
      })
    })

    test('is held after a choice that takes tests along, too', () => {
      const choice = { isWholeProject: false, takesTestsAlong: true }
      expect(judge(interrupted(choice)).a).toMatchObject({ verdict: 'held', exitCode: 1 })
    })

    test('goes with a warning where it need not be tested', () => {
      const policy: SyncGate = { check: 'build', upstream: [] }
      expect(judge(interrupted(), 'auto', { policy }).a).toMatchObject({
        verdict: 'go',
        warning: 'dbt ended before its test: relationships_a_b',
      })
    })

    test('goes when a later step ran them', () => {
      const tested = results({ 'test.shop.relationships_a_b': 'pass' }, { command: 'test' })
      expect(judge([interrupted(), tested]).a).toMatchObject({ verdict: 'go' })
    })

    test.each<[string, Partial<RunResults>]>([
      ['a choice that may leave tests out', { isWholeProject: false, takesTestsAlong: false }],
      ['another manifest', { ...whole, invocationId: 'two' }],
      ['dbt 2, which does not say what was chosen', { ...whole, dbtVersion: '2.0.0' }],
    ])('goes after a build of %s', (_, over) => {
      expect(judge(interrupted(over)).a).toMatchObject({ verdict: 'go' })
    })
  })

  test('that a default selector may have left out is not as good as built before a retry', () => {
    const retry = results({}, { isRetry: true, isWholeProject: true })
    expect(judge(retry).a).toMatchObject({ verdict: 'go' })
    const { verdictOf } = gate({
      manifest,
      hasDefaultSelector: true,
      runResults: [retry],
      mode: 'auto',
      env: {},
      nowMs,
      maxAgeMs: 24 * HOUR_MS,
    })
    expect(verdictOf('model.shop.a')).toMatchObject({ verdict: 'held', exitCode: 0 })
  })

  test('none of whose tests dbt test ran is not as good as built', () => {
    const tested = results({ 'test.shop.singular': 'skipped' }, { command: 'test' })
    const verdict = judge(tested, 'auto', { policy: { check: 'build', upstream: [] } }).b
    expect(verdict).toMatchObject({ verdict: 'held', exitCode: 0 })
  })

  test('whose test warns goes with a warning', () => {
    const { a } = judge(results({ 'model.shop.a': 'success', 'test.shop.unique_a': 'warn' }))
    expect(a).toMatchObject({ verdict: 'go', warning: 'dbt tests warn: unique_a' })
  })

  test('whose tests alone ran goes when they passed', () => {
    const { a, b } = judge(results({ 'test.shop.unique_a': 'pass' }, { command: 'test' }))
    expect(a).toMatchObject({ verdict: 'go', why: 'its dbt tests passed' })
    expect(b).toMatchObject({ verdict: 'held', exitCode: 0 })
  })
})

describe('results that say nothing', () => {
  test.each([
    ['are absent', undefined, /no results/],
    ['are old', results({}, { generatedAt: '2025-12-01T00:00:00Z' }), /old \(more than 24 h\)/],
    ['have no time', results({}, { generatedAt: undefined }), /do not say when/],
    [
      'were written by a command that builds nothing',
      results({}, { command: 'generate' }),
      /`dbt generate`, which builds nothing/,
    ],
  ])('because they %s', (_, runResults, why) => {
    const auto = judge(runResults)
    expect(auto.ungated).toMatch(why)
    expect(auto.a).toMatchObject({ verdict: 'go' })
    const required = judge(runResults, 'require')
    expect(required.a).toMatchObject({ verdict: 'held', exitCode: 1 })
    expect(required.a.why).toMatch(why)
  })

  test('are said loudly when the gate is off', () => {
    const off = judge(results({ 'model.shop.a': 'error' }), 'off')
    expect(off.a.verdict).toBe('go')
    expect(off.ungated).toBe('the gate is off (--gate off)')
  })
})

test.each(['auto', 'require', 'off'] as const)(
  '--empty and --sample hold everything with --gate %s',
  (mode) => {
    for (const partial of [{ isEmpty: true }, { isSample: true }]) {
      const { a, b } = judge(results({ 'model.shop.a': 'success' }, partial), mode)
      expect([a, b]).toMatchObject([
        { verdict: 'held', exitCode: 1 },
        { verdict: 'held', exitCode: 1 },
      ])
    }
  },
)

test('results of another invocation are joined with a warning', () => {
  expect(judge(results({}, { invocationId: 'two' })).notes).toHaveLength(1)
  expect(judge(results({})).notes).toEqual([])
})

describe.skipIf(!hasSamples)('real run results', () => {
  test.each(samples('run_results.'))('%s is read', async (name) => {
    const found = await readRunResults(join(samplesDir, name))
    expect(found?.results.size).toBeGreaterThan(0)
    expect(found?.generatedAt).toMatch(/^20\d\d-/)
    expect(found?.command ?? 'none').toMatch(/^(build|run|generate|test|none)$/)
  })

  test.each([
    ['v12.fusion-2.0.0-preview.149.duckdb', { go: 14, 'held 0': 0, 'held 1': 2 }],
    ['v12.fusion-2.0.0-preview.183.databricks', { go: 0, 'held 0': 1, 'held 1': 1 }],
    ['v12.fusion-2.0.0-preview.190.snowflake', { go: 2, 'held 0': 1, 'held 1': 2 }],
    ['v20.fusion-2.0.0-preview.45.bigquery', { go: 3, 'held 0': 0, 'held 1': 0 }],
  ])('%s: the verdicts', async (name, expected) => {
    const real = await readManifest(join(samplesDir, samples(`manifest.${name}`)[0] ?? ''), { log })
    const version = name.replace(/^v\d+\./, 'run_results.v6.')
    const runResults = await readRunResults(join(samplesDir, `${version}.json`))
    const { verdictOf, ungated } = gate({
      manifest: real,
      runResults: [runResults ?? []].flat(),
      env: {},
      mode: 'auto',
      nowMs: Date.parse(runResults?.generatedAt ?? ''),
      maxAgeMs: HOUR_MS,
    })
    expect(ungated).toBeUndefined()
    const counts = { go: 0, 'held 0': 0, 'held 1': 0 }
    for (const { verdict, exitCode } of [...real.models.keys()].map((id) => verdictOf(id))) {
      counts[verdict === 'go' ? 'go' : (`held ${exitCode}` as const)] += 1
    }
    expect(counts).toEqual(expected)
  })

  test('`dbt docs generate` leaves results that count as none', async () => {
    const runResults = await readRunResults(
      join(samplesDir, 'run_results.v6.core-1.12.0.docs-generate.json'),
    )
    expect(judge({ ...results({}), ...runResults, generatedAt: builtAt }).ungated).toMatch(
      /generate/,
    )
  })
})

test("the example's models all go", async () => {
  const example = await readManifest(join(exampleArtifacts, 'manifest.json'), { log })
  const runResults = await readRunResults(join(exampleArtifacts, 'run_results.json'))
  const { verdictOf } = gate({
    manifest: example,
    runResults: [runResults ?? []].flat(),
    env: {},
    mode: 'require',
    nowMs: Date.parse(runResults?.generatedAt ?? ''),
    maxAgeMs: HOUR_MS,
  })
  const verdicts = [...example.models.keys()].map((id) => verdictOf(id))
  expect(verdicts.filter(({ verdict }) => verdict !== 'go')).toEqual([])
})

test('no run results are no problem, damaged ones are', async () => {
  expect(await readRunResults(join(exampleArtifacts, 'nowhere.json'))).toBeUndefined()
  await expect(readRunResults(import.meta.filename)).rejects.toThrow(/damaged/)
})

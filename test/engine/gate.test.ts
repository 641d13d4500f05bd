import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureDbt } from '../../scripts/dbt.mjs'
import { readRunResults } from '../../src/manifest/run-results.ts'
import { gateProject } from '../support/gate-project.ts'
import {
  artifactOf,
  type GatedOptions,
  gatedIn,
  runSteps,
  type Step,
  writeProject,
} from '../support/gated-builds.ts'

/*
 * What the gate makes of builds of the real dbt that go wrong in every way. One process runs all of them and keeps the
 * artifacts of each.
 */

const bad = (part: string) => ({ BAD: part })
const jobOf = (id: string) => ({ DBT_ENV_CUSTOM_ENV_CI_RUN_ID: id })
const batches = ['--event-time-start', '2026-01-01', '--event-time-end', '2026-01-03']
const build = ['build', ...batches]

const steps: readonly Step[] = [
  { name: 'seed', args: ['seed'] },
  { name: 'build', args: build },
  { name: 'parse fails', args: build, env: bad('parse') },
  { name: 'model fails', args: build, env: bad('people') },
  { name: 'test fails', args: build, env: bad('test') },
  { name: 'test warns', args: build, env: bad('mild test') },
  { name: 'source test fails', args: build, env: bad('source test') },
  { name: 'unit test fails', args: build, env: bad('unit test') },
  { name: 'batch fails', args: build, env: bad('batch') },
  { name: 'hook fails', args: build, env: bad('hook') },
  { name: 'fail-fast', args: [...build, '--fail-fast'], env: bad('upstream test') },
  { name: 'interrupted', args: build, interruptAt: 'no_bad_mild_test' },
  {
    name: 'choice interrupted',
    args: ['build', '-s', '+people', ...batches],
    interruptAt: 'no_bad_mild_test',
  },
  {
    name: 'rest interrupted',
    args: ['build', '-s', '+people', '--exclude', 'totals', ...batches],
    interruptAt: 'no_bad_mild_test',
  },
  { name: 'upstream test fails', args: build, env: bad('upstream test') },
  { name: 'retry', args: ['retry'] },
  { name: 'part fails', args: ['build', '-s', 'people'], env: bad('people') },
  { name: 'retry of a part', args: ['retry'] },
  { name: 'run', args: ['run', ...batches] },
  { name: 'test', args: ['test'], env: bad('upstream test') },
  { name: 'retry of test', args: ['retry'] },
  { name: 'snapshot', args: ['snapshot'] },
  { name: 'part', args: ['build', '-s', 'totals'] },
  { name: 'empty', args: ['build', '--empty', '-s', 'totals'] },
  { name: 'sample', args: ['build', '--sample', '3 days', '-s', 'totals'] },
  { name: 'clone', args: ['clone', '--state', 'steps/build', '--target', 'copy'] },
  { name: 'docs', args: ['docs', 'generate'] },
  { name: 'compile', args: ['compile'] },
  { name: 'run-operation', args: ['run-operation', 'nothing'] },
  { name: 'job 1', args: ['build', '-s', 'totals'], env: jobOf('1') },
  { name: 'job 2', args: ['test', '-s', 'people'], env: jobOf('2') },
]

let dbt: Awaited<ReturnType<typeof ensureDbt>>
let folder: string

beforeAll(async () => {
  dbt = await ensureDbt()
  if (!dbt.available) return
  folder = writeProject(gateProject)
  expect(await runSteps(folder, dbt.path, steps)).toEqual([
    'parse fails',
    'interrupted',
    'choice interrupted',
    'rest interrupted',
  ])
}, 600_000)

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

const gated = (names: readonly string[], options: GatedOptions = {}) =>
  gatedIn(folder, names, options)

const everySync = [
  'events',
  'history',
  'people',
  'people_built',
  'people_off',
  'people_raw',
  'people_staged',
  'people_upstream',
  'totals',
]
const others = ['events', 'history', 'totals']

describe('the gate after a real dbt', () => {
  const real = (name: string, check: () => Promise<void>) =>
    test(name, async (context) => {
      if (!dbt.available) {
        if (process.env['CI']) throw new Error(`CI is set, so dbt must run, but: ${dbt.reason}`)
        context.skip(`no dbt: ${dbt.reason}`)
      }
      await check()
    })

  real('build that went well: every sync goes', async () => {
    const found = await gated(['build'])
    expect(found.going).toEqual(everySync)
    expect(found.ungated).toBeUndefined()
    expect(found.warnings).toEqual([])
  })

  real('build of the default target does not name it', async () => {
    const results = await readRunResults(artifactOf(folder, 'build', 'run_results.json'))
    expect(results).toMatchObject({ profilesDir: folder })
    expect(results?.target).toBeUndefined()
    const cloned = await readRunResults(artifactOf(folder, 'clone', 'run_results.json'))
    expect(cloned?.target).toBe('copy')
  })

  real('build that cannot parse the project leaves the older results', async () => {
    expect((await gated(['parse fails'])).going).toEqual(everySync)
  })

  real('build with a model that fails', async () => {
    const found = await gated(['model fails'])
    expect(found.going).toEqual([...others, 'people_off'].sort())
    expect(found.told('people')).toBe(
      '1: dbt reports error for the model: Runtime Error in model people (models/people.sql)',
    )
    expect(found.causes('people')).toEqual([{ node: 'model.shop.people', status: 'error' }])
  })

  real('build with a test that fails', async () => {
    const found = await gated(['test fails'])
    expect(found.going).toEqual([...others, 'people_built', 'people_off', 'people_raw'].sort())
    expect(found.told('people')).toBe('1: failed dbt test of the model: no_bad_test')
    expect(found.causes('people')).toEqual([
      {
        node: 'model.shop.people',
        test: expect.stringMatching(/^test\.shop\.no_bad_test\./),
        status: 'fail',
      },
    ])
    expect(found.verdicts.get('people_built')).toMatchObject({
      warning: 'failed dbt test: no_bad_test',
    })
  })

  real('build with a test that warns', async () => {
    const found = await gated(['test warns'])
    expect(found.going).toEqual(everySync)
    expect(found.verdicts.get('people')).toMatchObject({
      warning: 'dbt tests warn: no_bad_mild_test',
    })
  })

  real('build with a model that was skipped for a test upstream', async () => {
    const found = await gated(['upstream test fails'])
    expect(found.going).toEqual(['events', 'people_off', 'totals'])
    for (const name of ['people', 'history', 'people_raw']) {
      expect(found.told(name)).toBe(
        '1: dbt reports skipped for the model: test no_bad_upstream_test of model stg_people failed',
      )
    }
    expect(found.causes('people')).toMatchObject([
      { node: 'model.shop.stg_people', status: 'fail', test: expect.any(String) },
    ])
  })

  real('build with a model that was skipped for a test of a source', async () => {
    const found = await gated(['source test fails'])
    expect(found.told('people')).toBe(
      '1: dbt reports skipped for the model: test no_bad_source_test of source shop.raw_people failed',
    )
  })

  real('build with a model that was skipped for its unit test', async () => {
    const found = await gated(['unit test fails'])
    expect(found.told('totals')).toBe(
      '1: dbt reports skipped for the model: test totals_are_two of model totals failed',
    )
  })

  real('build with a batch that fails', async () => {
    const found = await gated(['batch fails'])
    expect(found.told('events')).toBe(
      '1: dbt reports partial success for the model: PARTIAL SUCCESS (1/2)',
    )
    expect(found.going).not.toContain('events')
  })

  real('build that stops at the first failure', async () => {
    const found = await gated(['fail-fast'])
    expect(found.told('people')).toBe(
      '1: dbt reports skipped for the model: Skipping due to fail_fast; test no_bad_upstream_test of model stg_people failed',
    )
  })

  real('build that is interrupted: who tells what the tests would have said?', async () => {
    const found = await gated(['interrupted'])
    expect(found.told('people')).toMatch(
      /^1: the last dbt build ended before the model's tests?: .*no_bad_mild_test/,
    )
    expect(found.going).toContain('people_built')
  })

  real(
    'build of a choice that is interrupted, too, unless it may have left tests out',
    async () => {
      expect((await gated(['choice interrupted'])).told('people')).toMatch(
        /^1: the last dbt build ended before the model's tests?: .*no_bad_mild_test/,
      )
      expect((await gated(['rest interrupted'])).told('people')).toBe('go')
    },
  )

  real('build with a hook that fails: it is told, and holds nothing', async () => {
    const found = await gated(['hook fails'])
    expect(found.going).toEqual(everySync)
    expect(found.warnings).toEqual([
      "dbt's hook operation.shop.shop-on-run-end-0 failed in the last build; no sync is held for it",
    ])
  })

  real('retry of the whole project: what is not in it was well before', async () => {
    expect((await gated(['retry'])).going).toEqual(everySync)
    expect((await gated(['upstream test fails', 'retry'])).going).toEqual(everySync)
  })

  real('retry of a choice: what is not in it is not known', async () => {
    const found = await gated(['retry of a part'])
    expect(found.told('people')).toBe('go')
    expect(found.told('totals')).toBe(
      '0: the model was not part of the last dbt retry, which lists only what it tried again; --run-results takes both results',
    )
    expect((await gated(['build', 'part fails', 'retry of a part'])).going).toEqual(everySync)
  })

  real('run and test as two steps', async () => {
    const tested = await gated(['test'])
    expect(tested.told('people')).toBe('go')
    expect(tested.told('events')).toBe(
      '0: the model was not part of the last dbt test, which builds nothing; --run-results takes both results',
    )
    const found = await gated(['run', 'test'])
    const upstream = ['people_staged', 'people_upstream']
    expect(found.going).toEqual(
      everySync.filter((name) => ![...upstream, 'history'].includes(name)),
    )
    for (const name of upstream) {
      expect(found.told(name)).toBe(
        '1: what the model is made of is not well: test no_bad_upstream_test of model stg_people failed',
      )
    }
    expect(found.told('history')).toBe('0: the model was not part of the last dbt run, test')
  })

  real('the order of the files does not matter, the last word on a node does', async () => {
    const steps = ['retry of test', 'test', 'snapshot', 'run']
    expect((await gated(steps, { manifest: 'snapshot' })).going).toEqual(everySync)
  })

  real('snapshot alone', async () => {
    const found = await gated(['snapshot'])
    expect(found.told('history')).toBe('go')
    expect(found.told('people')).toBe('0: the model was not part of the last dbt snapshot')
  })

  real('build of a part holds the rest quietly', async () => {
    const found = await gated(['part'])
    expect(found.going).toEqual(['people_off', 'totals'])
    expect(found.told('people')).toBe('0: the model was not part of the last dbt build')
  })

  for (const option of ['empty', 'sample']) {
    real(`build with --${option} holds everything, whatever is asked of the gate`, async () => {
      for (const mode of ['auto', 'require', 'off'] as const) {
        const found = await gated(['build', option], { mode })
        expect(found.going).toEqual([])
        expect(found.told('people_off')).toBe(
          `1: the last dbt build ran with --${option}, so that tables hold no or only some of their rows`,
        )
      }
    })
  }

  real('clone', async () => {
    const found = await gated(['clone'])
    expect(found.going).toEqual(everySync)
  })

  for (const [step, command] of [
    ['docs', 'generate'],
    ['compile', 'compile'],
    ['run-operation', 'run-operation'],
  ] as const) {
    real(`${step}: no results of a build`, async () => {
      const why = `the last results were written by \`dbt ${command}\`, which builds nothing`
      const found = await gated([step])
      expect(found.ungated).toBe(why)
      expect(found.going).toEqual(everySync)
      const required = await gated([step], { mode: 'require' })
      expect(required.told('people')).toBe(`1: ${why}, and --gate require was given`)
      expect(required.going).toEqual(['people_off'])
      const joined = await gated(['test fails', step])
      expect(joined.told('people')).toBe('1: failed dbt test of the model: no_bad_test')
    })
  }

  real('build of the day before yesterday', async () => {
    const found = await gated(['build'], { later: 48 })
    expect(found.ungated).toMatch(
      /^the results of the last dbt build are 48(\.\d)? h old \(more than 24 h\)$/,
    )
  })

  real('build of another job, when both say which one they are', async () => {
    const found = await gated(['job 1'], { job: '2' })
    expect(found.ungated).toBe(
      "the results of the last dbt build are another job's: their CI_RUN_ID is not this one's",
    )
    expect((await gated(['job 1'], { job: '1' })).told('totals')).toBe('go')
    expect((await gated(['job 1'])).told('totals')).toBe('go')
    expect((await gated(['docs'], { job: '2' })).ungated).toMatch(/builds nothing/)
    const joined = await gated(['job 1', 'job 2'])
    expect(joined.told('totals')).toMatch(/^0: the model was not part of the last dbt test/)
    expect(joined.notes).toEqual([expect.stringContaining("another job's")])
  })

  real('build of another target, of which the manifest is not', async () => {
    const found = await gated(['clone'], { manifest: 'docs' })
    expect(found.told('totals')).toBe(
      '1: the last dbt clone wrote "shop"."copied"."totals", and dbt\'s manifest now has the model in "shop"."main"."totals"',
    )
    expect(found.notes).toHaveLength(1)
  })
})

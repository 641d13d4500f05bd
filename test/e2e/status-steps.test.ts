import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'
import { localEngines } from '../support/warehouses.ts'

const rerun = 'backhaul run --select contacts'

test('a run that --row or --limit kept to some rows is no success of the sync', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const statusNow = async () => {
    const { stdout, exitCode } = await project.run(['status', '--json'])
    return { ...JSON.parse(stdout).syncs[0], exitCode }
  }
  await project.run(['run', '--row', '1'])
  expect(await statusNow()).toMatchObject({
    lastSuccessAt: null,
    lastRun: { status: 'succeeded', isLimited: true },
    isWell: true,
    nextStep: `Only some rows were sent so far, or none (--row, --limit or adopt). All of them: ${rerun}`,
  })
  const text = await project.run(['status'])
  expect(text.stdout).toMatch(
    /contacts +succeeded .* 1 created \(--row, --limit or adopt\) +1 +never/,
  )

  await project.sql("update people set email = 'none' where id = 2")
  await project.run(['run'])
  await project.run(['run', '--row', '1'])
  expect(await statusNow()).toMatchObject({ lastSuccessAt: null, isWell: false, exitCode: 1 })

  await project.sql("update people set email = 'grace@shop.example' where id = 2")
  await project.run(['run'])
  const whole = await statusNow()
  expect(whole).toMatchObject({ lastRun: { isLimited: false }, nextStep: null, exitCode: 0 })
  await project.run(['run', '--limit', '1'])
  expect(await statusNow()).toMatchObject({ lastSuccessAt: whole.lastSuccessAt, nextStep: null })
})

test('a table of runs of an earlier release is read as it is', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ engine: 'postgres', sandbox })
  await project.run(['run'])
  await project.sql(`alter table ${project.schema}_backhaul.runs drop column is_limited`)
  const status = await project.run(['status', '--json'])
  expect(JSON.parse(status.stdout).syncs[0], status.stderr).toMatchObject({
    lastRun: { isLimited: false },
    isWell: true,
  })
})

test('keys that are missing or occur twice are the next step, beside what is rejected and parked', async () => {
  const sandbox = await strictSandbox()
  const tables = [
    people('Ada', 'Grace', 'Cy', 'Di'),
    'update people set email = first_name where id in (2, 4)',
    "insert into people values (3, 'x@shop.example', 'X'), (null, 'n@shop.example', 'N')",
  ]
  const project = await smallShop({ sandbox, tables, syncs: [contacts({ max_attempts: 2 })] })
  await project.run(['run', '--row', '2'])
  await project.run(['run'])
  const { stdout, exitCode } = await project.run(['status', '--json'])
  expect(exitCode).toBe(1)
  const [{ errors, nextStep }] = JSON.parse(stdout).syncs
  // A run of one of them takes nothing of that back.
  await project.run(['run', '--row', '3'])
  const later = JSON.parse((await project.run(['status', '--json'])).stdout).syncs[0]
  expect(later.errors).toEqual(errors)
  expect(errors).toMatchObject([
    { status: 'rejected', category: 'DUPLICATE_KEY', rows: 2, exampleRowId: '3' },
    { status: 'parked', category: 'VALIDATION_ERROR', rows: 1, exampleRowId: '2' },
    { status: 'rejected', category: 'VALIDATION_ERROR', rows: 1, exampleRowId: '4' },
    { status: 'rejected', category: 'MISSING_KEY', rows: 1, exampleRowId: null },
  ])
  expect(nextStep.split('\n')).toEqual([
    `Give each row of the model a primary key of its own (2 rows share one, e.g. 3; 1 row has none), build it, then: ${rerun}`,
    `Correct 1 rejected row in the model (what is wrong: backhaul show contacts 4), build it, then: ${rerun}`,
    'Look at 1 parked row: backhaul show contacts 2',
    'When the cause is gone: backhaul retry contacts',
  ])
})

test('the step of a guard names the guard', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['run'])
  await project.sql('delete from people')
  const guarded = await project.run(['run'])
  const step = `${rerun} --force-guard empty_model`
  expect(guarded.stderr).toContain(step)
  const { stdout } = await project.run(['status'])
  expect(stdout).toContain(step)
})

test('a run that was held to a plan file is told as that, not as a guard', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['plan', '--out', 'plan.json'])
  await project.sql("update people set first_name = 'Adele' where id = 1")
  await project.run(['run', '--plan', 'plan.json'])
  const { stdout } = await project.run(['status'])
  expect(stdout).toContain('held to a plan file')
  expect(stdout).toContain('Look: backhaul plan --select contacts\n')
})

test('what ended a run comes before what is wrong with single rows', async () => {
  const sandbox = await strictSandbox()
  const tables = [people('Ada', 'Grace', 'Cy'), 'update people set email = null where id = 2']
  const project = await smallShop({ sandbox, tables })
  const stepsNow = async (): Promise<readonly string[]> =>
    JSON.parse((await project.run(['status', '--json'])).stdout).syncs[0].nextStep.split('\n')
  const daily = {
    status: 'error',
    message: 'You have reached your daily limit.',
    policyName: 'DAILY',
  }
  const fault = { kind: 'status', status: 429, body: daily } as const

  sandbox.addFault({ ...fault, match: { path: /batch/ } })
  await project.run(['run'])
  const [limit, ...others] = await stepsNow()
  expect(limit).toBe(
    `The account's daily API limit is used up. It resets at midnight in the account's time zone; run again then, or set max_calls_per_run so that other apps keep their share. Then send 2 waiting rows: ${rerun}`,
  )
  expect(others).toEqual([expect.stringMatching(/^Correct 1 rejected row in the model/)])

  sandbox.addFault(fault)
  await project.run(['run'])
  expect(await stepsNow()).toEqual([limit?.replace('Then send 2 waiting rows:', 'Then:')])
})

test('several problems of one run stand below each other', async () => {
  const sandbox = await strictSandbox()
  const properties = { nick: 'first_name', pet: 'first_name' }
  const project = await smallShop({ sandbox, syncs: [contacts({ properties })] })
  await project.run(['run'])
  const below =
    /: CONFIGURATION:\n {4}\S.* no contacts property nick\n {8}Say .*\n {4}\S.* no contacts property pet\n {8}Say /
  expect((await project.run(['status'])).stdout).toMatch(below)
  const shown = await project.run(['show', 'contacts', '1'])
  expect(shown.stdout).toMatch(new RegExp(below.source.replace('CONFIGURATION', 'failed')))
})

for (const { name, missing } of localEngines()) {
  test.skipIf(missing !== undefined)(
    `that a failed build holds a sync is in the audit, and status says so until a run gets through (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const syncs = [contacts(), { ...contacts({ sync: 'others', shared: true }), model: 'others' }]
      const results = { people: 'error' }
      const project = await smallShop({ engine: name, sandbox, syncs, results })
      // The second model was not in the build.
      const file = join(project.dir, 'target', 'run_results.json')
      const build = JSON.parse(readFileSync(file, 'utf8'))
      writeFileSync(file, JSON.stringify({ ...build, results: build.results.slice(0, 1) }))
      const run = await project.run(['run', '--output', 'json'])
      expect(run.exitCode, run.stderr).toBe(1)
      const why = 'dbt reports error for the model'
      const [held] = await project.rows('select run_id, sync_name, status, error_message from runs')
      expect(await project.rows('select sync_name from runs')).toHaveLength(1)
      expect(held).toMatchObject({ sync_name: 'contacts', status: 'held', error_message: why })
      expect(JSON.parse(run.stdout).results).toMatchObject([
        { sync: 'contacts', status: 'held', runId: held?.['run_id'] },
        { sync: 'others', status: 'held', runId: null },
      ])
      const status = await project.run(['status', '--json', '--select', 'sync:contacts'])
      expect(status.exitCode).toBe(1)
      expect(JSON.parse(status.stdout).syncs).toMatchObject([
        {
          lastRun: { status: 'held' },
          isWell: false,
          nextStep: `It did not run: ${why}. Build the model again, then: ${rerun}`,
        },
      ])
      const sent = await project.run(['run', '--gate', 'off', '--select', 'sync:contacts'])
      expect(sent.exitCode, sent.stderr).toBe(0)
      expect((await project.run(['status', '--select', 'sync:contacts'])).stdout).toContain(
        'All well',
      )
    },
  )
}

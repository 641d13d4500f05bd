import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { messageOf } from '../support/cli-message.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'

const file = 'plan.json'
const pathOf = (project: TestProject) => join(project.dir, file)

const rename = (name: string, id: number) =>
  `update people set first_name = '${name}' where id = ${id}`

test('a run with a plan file sends what was planned, and refuses what is planned otherwise by now', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['run'])
  await project.sql(rename('Augusta', 1))
  const planned = await project.run(['plan', '--out', file])
  expect(planned.exitCode, planned.stderr).toBe(0)
  expect(planned.stderr).toContain('plan.json holds 1 sync, 1 operation')
  const text = readFileSync(pathOf(project), 'utf8')
  expect(JSON.parse(text)).toMatchObject({
    kind: 'backhaul-plan-file',
    version: 1,
    target: 'dev',
    portalId: String(sandbox.portalId),
    flags: { fullRefresh: false, limit: null, rows: null },
    syncs: [{ sync: 'contacts', operations: [{ operation: 'update', rows: 1 }], makes: [] }],
  })
  expect(text).not.toMatch(/Augusta|ada@|Ada/)

  await project.sql(rename('Ada Augusta', 1))
  const before = sandbox.written().length
  const other = await project.run(['run', '--plan', file])
  expect(messageOf(other, project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 GUARDED sync contacts → contacts ........................................ [GUARDED in <time>]
      Not what the plan file says: update 1 as planned, but other rows or values.
        Nothing was sent. Look at what is planned now, and write it to a new file: backhaul plan --out FILE
    Completed with 1 guarded sync
    Done. OK=0 PARTIAL=0 ERROR=0 GUARDED=1 HELD=0 TOTAL=1"
  `)
  await project.sql(rename('Augusta', 1), rename('Grace B.', 2))
  const more = await project.run(['run', '--plan', file])
  expect(more.stderr).toContain('Not what the plan file says: update 1 → 2.')
  expect(sandbox.written().length).toBe(before)
  expect(await project.rows('select status, error_category from runs order by run_id')).toEqual([
    { status: 'succeeded', error_category: null },
    { status: 'guarded', error_category: 'PLAN_CHANGED' },
    { status: 'guarded', error_category: 'PLAN_CHANGED' },
  ])

  await project.sql(rename('Grace', 2))
  const run = await project.run(['run', '--plan', file])
  expect(run.exitCode, run.stderr).toBe(0)
  const again = await project.run(['run', '--plan', file])
  expect(again.exitCode).toBe(1)
  expect(again.stderr).toContain('update 1 → 0')
})

test('syncs that are not in the file are not run, and where one of it is planned otherwise none is', async () => {
  const sandbox = await strictSandbox()
  const firms = {
    model: 'firms',
    hubspot: {
      sync: 'firms',
      object: 'companies',
      mode: 'insert',
      primary_key: 'id',
      properties: { name: 'firm' },
    },
  }
  const project = await smallShop({
    sandbox,
    syncs: [contacts(), firms],
    tables: [people('Ada', 'Grace'), "create table firms as select 1 as id, 'ACME' as firm"],
  })
  await project.run(['plan', '--select', 'sync:firms', '--out', 'firms.json'])
  await project.run(['plan', '--out', file])
  await project.sql("update firms set firm = 'ACME Ltd.'")
  const refused = await project.run(['run', '--plan', file, '--output', 'json'])
  expect(refused.exitCode).toBe(1)
  const { results } = JSON.parse(refused.stdout)
  expect(
    results.map((one: { sync: string; status: string; error: { message: string } }) => [
      one.sync,
      one.status,
      one.error.message,
    ]),
  ).toEqual([
    ['contacts', 'aborted', 'Not sent: the run does not do all that is in the plan file.'],
    [
      'firms',
      'guarded',
      'Not what the plan file says: create 1 as planned, but other rows or values.',
    ],
  ])
  expect(sandbox.written()).toEqual([])
  await project.sql("update firms set firm = 'ACME'")
  const one = await project.run(['run', '--plan', 'firms.json', '--output', 'json'])
  expect(one.exitCode, one.stderr).toBe(0)
  expect(JSON.parse(one.stdout).results.map(({ sync }: { sync: string }) => sync)).toEqual([
    'firms',
  ])
  project.setSyncs([contacts()])
  const gone = await project.run(['run', '--plan', 'firms.json'])
  expect(messageOf(gone, project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: firms.json: plans sync firms, which the project does not define any more, or has disabled
        Plan again: backhaul plan --out FILE"
  `)
})

test('no file is written of some of the syncs, and the command to run has the flags of the plan', async () => {
  const sandbox = await strictSandbox()
  const broken = {
    ...contacts({ sync: 'broken', properties: { nobody: 'first_name' } }),
    model: 'others',
  }
  const project = await smallShop({
    sandbox,
    syncs: [contacts(), broken],
    tables: [people('Ada', 'Grace'), 'create table others as select * from people'],
  })
  const partial = await project.run(['plan', '--out', file, '--output', 'markdown'])
  expect(partial.exitCode).toBe(1)
  expect(partial.stdout).toContain('plan.json is not written: not every sync')
  expect(partial.stdout).toContain('`contacts`')
  expect(existsSync(pathOf(project))).toBe(false)
  const some = ['--exclude', 'sync:broken', '--target', 'dev', '--limit', '1']
  const whole = await project.run(['plan', '--out', file, ...some])
  expect(whole.exitCode, whole.stderr).toBe(0)
  expect(whole.stderr).toContain('backhaul run --plan plan.json --target dev --limit 1')
  const run = await project.run(['run', '--plan', file, '--target', 'dev', '--limit', '1'])
  expect(run.exitCode, run.stderr).toBe(0)
})

test('what a run with a plan file cannot be is refused before anything is asked', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['plan', '--out', file])
  const good = readFileSync(pathOf(project), 'utf8')
  const refusal = async (text: string | undefined, ...args: readonly string[]) => {
    writeFileSync(pathOf(project), text ?? good)
    const result = await project.run(['run', '--plan', file, ...args])
    expect(result.exitCode, result.stderr).not.toBe(0)
    return messageOf(result, project).replace(/^Running with.*\n/gm, '')
  }
  const asked = sandbox.requests().length
  const told = [
    await refusal(undefined, '--limit', '1'),
    await refusal(undefined, '--full-refresh'),
    await refusal(undefined, '--row', '1'),
    await refusal(undefined, '--select', 'contacts'),
    await refusal(good.slice(0, 200)),
    await refusal('[]'),
    await refusal(good.replace('"version": 1', '"version": 2')),
    await refusal(good.replace('"rows": 2', '"rows": 3')),
    await refusal(good.replace('"target": "dev"', '"target": "prod"')),
  ]
  expect(told.join('\n\n')).toMatchInlineSnapshot(`
    "exit 1
    Error: plan.json: was planned otherwise than the run is asked for: without --limit
        Give \`run\` the flags that \`plan\` was given.

    exit 1
    Error: plan.json: was planned otherwise than the run is asked for: without --full-refresh
        Give \`run\` the flags that \`plan\` was given.

    exit 1
    Error: plan.json: was planned otherwise than the run is asked for: without --row
        Give \`run\` the flags that \`plan\` was given.

    exit 2
    Error: --plan does not go with --select
        A plan file says which syncs are run. To run others, plan them: backhaul plan --select … --out FILE

    exit 1
    Error: plan.json: is no plan file, or is damaged
        Make it again: backhaul plan --out FILE

    exit 1
    Error: plan.json: is no plan file, or is damaged
        Make it again: backhaul plan --out FILE

    exit 1
    Error: plan.json: has version 2, and this release knows 1
        Run with the release that planned, or plan again with this one.

    exit 1
    Error: plan.json: was changed after it was written: its checksum is another one
        Make it again: backhaul plan --out FILE

    exit 1
    Error: plan.json: was changed after it was written: its checksum is another one
        Make it again: backhaul plan --out FILE"
  `)
  expect(sandbox.requests().length).toBe(asked)
  writeFileSync(pathOf(project), 'mine')
  const kept = await project.run(['plan', '--out', file])
  expect(messageOf(kept, project)).toMatchInlineSnapshot(`
    "exit 1
    Error: plan.json: was not written by \`backhaul plan --out\`, and is left as it is
        Choose another file with --out, or remove this one."
  `)
  const missing = await project.run(['run', '--plan', 'no.json'])
  expect(missing.stderr).toContain('no.json: there is no such file')
  writeFileSync(pathOf(project), good)
  const other = await strictSandbox({ portalId: 4711 })
  const elsewhere = await project.run(['run', '--plan', file], {
    HUBSPOT_BASE_URL: other.url,
    HUBSPOT_ACCESS_TOKEN: other.token,
  })
  expect(elsewhere.stderr).toContain('and the token is for 4711')
})

test('with a secret the file tells nothing to who does not have it, and no two files tell the same', async () => {
  const project = await smallShop({ sandbox: await strictSandbox() })
  const secret = { BACKHAUL_PLAN_SECRET: 'long and random' }
  const file = (name: string) => JSON.parse(readFileSync(join(project.dir, name), 'utf8'))
  await project.run(['plan', '--out', 'one.json', '--row', '1'], secret)
  await project.run(['plan', '--out', 'two.json', '--row', '1'], secret)
  const [one, two] = [file('one.json'), file('two.json')]
  expect(one.flags.rows).not.toBe(two.flags.rows)
  expect(one.syncs[0].operations[0].digest).not.toBe(two.syncs[0].operations[0].digest)
  const run = ['run', '--plan', 'one.json', '--row', '1']
  const told = [
    await project.run(run),
    await project.run(run, { BACKHAUL_PLAN_SECRET: 'another' }),
  ].map((result) => messageOf(result, project))
  expect(told.join('\n\n')).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: one.json: was planned with BACKHAUL_PLAN_SECRET, which is not set here
        Set it as it was for \`plan\`, or plan again.

    exit 1
    Running with backhaul=<version>
    Error: one.json: was planned with another BACKHAUL_PLAN_SECRET
        Set it as it was for \`plan\`, or plan again."
  `)
  expect((await project.run(run, secret)).exitCode).toBe(0)
})

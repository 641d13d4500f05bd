import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { messageOf } from '../support/cli-message.ts'
import { type ModelTable, tableStatements } from '../support/engine-words.ts'
import { createProject, type TestProject } from '../support/project.ts'
import type { SyncSpec } from '../support/project-files.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'

const peopleTable = (...names: readonly string[]): ModelTable => ({
  name: 'people',
  columns: { id: 'integer', email: 'text', first_name: 'text' },
  rows: names.map((name, index) => [index + 1, `p${index + 1}@shop.example`, name]),
})

const leads: SyncSpec = {
  model: 'people',
  hubspot: {
    sync: 'leads',
    object: 'companies',
    primary_key: 'id',
    mode: 'insert',
    properties: { name: 'first_name' },
  },
}

interface Output {
  readonly [key: string]: unknown
}

const outputOf = ({ dir }: TestProject): Output =>
  JSON.parse(readFileSync(join(dir, 'profiles.yml'), 'utf8')).shop.outputs.dev

/** Gives the profile of a project a second target. */
function addTarget(project: TestProject, name: string, output: Output): void {
  const path = join(project.dir, 'profiles.yml')
  const profiles = JSON.parse(readFileSync(path, 'utf8'))
  profiles.shop.outputs[name] = output
  writeFileSync(path, JSON.stringify(profiles))
}

/** The project as it runs in production, and a build of a pull request in a place of its own. */
async function shopAndBuild(engine: TestEngine): Promise<{
  readonly sandbox: StrictSandbox
  readonly shop: TestProject
  readonly build: TestProject
}> {
  const quote = (identifier: string) => engine.dialect.quote(identifier)
  const tables = (...names: readonly string[]) =>
    tableStatements(engine.name, peopleTable(...names), quote)
  const sandbox = await strictSandbox()
  const shop = await createProject({
    engine: engine.name,
    sandbox,
    tables: tables('Ada', 'Grace'),
    syncs: [{ model: 'people', hubspot: [contacts().hubspot, leads.hubspot] }],
  })
  const run = await shop.run(['run'])
  expect(run.exitCode, run.stderr).toBe(0)
  const build = await createProject({
    engine: engine.name,
    tables: tables('Augusta', 'Grace', 'Eve'),
    syncs: [contacts()],
    settings: {
      hubspot: { base_url: sandbox.url },
      targets: { prod: { access_token: "{{ env_var('PROD_TOKEN') }}" } },
    },
    env: { PROD_TOKEN: sandbox.token },
  })
  addTarget(build, 'prod', elsewhere(engine, shop))
  return { sandbox, shop, build }
}

const elsewhere = ({ name }: TestEngine, shop: TestProject): Output =>
  name === 'duckdb'
    ? { ...outputOf(shop), path: join(shop.dir, String(outputOf(shop)['path'])) }
    : outputOf(shop)

describe.each(testEngines())('$name', (engine) => {
  test.skipIf(engine.missing !== undefined)(
    'a build of a pull request says which records of another target it would touch, and writes nothing',
    async () => {
      const { sandbox, shop, build } = await shopAndBuild(engine)
      const [writes, before] = [sandbox.writeCalls(), await shop.state('contacts')]
      const plan = await build.run(['plan', '--against', 'prod', '--output', 'json'])
      expect(plan.exitCode, plan.stderr).toBe(0)
      const lines = plan.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines).toMatchObject([
        {
          kind: 'plan',
          sync: 'contacts',
          against: 'prod',
          isFirstRun: false,
          rows: { inModel: 3, known: 2, unchanged: 1 },
          operations: { update: 1, upsert: 1 },
        },
        {
          kind: 'change',
          operation: 'update',
          rowId: '1',
          recordId: before[0]?.['record_id'],
          old: { firstname: 'Ada' },
          new: { firstname: 'Augusta' },
        },
        {
          kind: 'change',
          operation: 'upsert',
          rowId: '3',
          recordId: null,
          new: { email: 'p3@shop.example', firstname: 'Eve' },
        },
        { kind: 'removed-sync', sync: 'leads' },
      ])
      expect(sandbox.writeCalls()).toBe(writes)
      expect(await shop.state('contacts')).toEqual(before)
      const again = await shop.run(['run'])
      expect(again.exitCode, again.stderr).toBe(0)
      expect(sandbox.writeCalls(), 'the other target has nothing to do').toBe(writes)
      const own = await build.run(['status', '--json'])
      expect(JSON.parse(own.stdout).syncs, 'nothing is kept of it').toMatchObject([
        { sync: 'contacts', rows: null, lastRun: null },
      ])
    },
  )
})

test('the keys of a sync are told that the other target had otherwise when it ran', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  addTarget(project, 'ci', outputOf(project))
  const against = ['plan', '--target', 'ci', '--against', 'dev', '--output']
  expect((await project.run(['run'])).exitCode).toBe(0)
  const same = await project.run([...against, 'json'])
  expect(JSON.parse(same.stdout)).toMatchObject({ edits: [] })
  project.setSyncs([contacts({ properties: { lastname: 'first_name' }, on_delete: 'clear' })])
  const told = await project.run([...against, 'markdown'])
  expect(told.exitCode, told.stderr).toBe(0)
  expect(told.stdout).toContain(
    [
      '  the sync is defined otherwise than when that target last ran:',
      '    ~ on_delete: nothing → clear',
      '    - properties.firstname: first_name',
      '    + properties.lastname: first_name',
    ].join('\n'),
  )
})

test('a target that has never run is compared with as with nothing, and its place stays as it is', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  addTarget(project, 'prod', { type: 'duckdb', path: 'prod.duckdb', schema: 'main' })
  const plan = await project.run(['plan', '--against', 'prod', '--output', 'markdown'])
  expect(plan.exitCode, plan.stderr).toBe(0)
  expect(plan.stdout).toContain(
    '(models of target `dev` against the state of `prod`, portal 4242424)',
  )
  expect(plan.stdout).toContain('2 rows in the model, first run')
  expect(readdirSync(project.dir).filter((name) => name.startsWith('prod'))).toEqual([])
})

test('what cannot be compared is told', async () => {
  const project = await smallShop({ tables: [people('Ada')] })
  addTarget(project, 'pg', { type: 'postgres', host: 'db.example', dbname: 'x', schema: 'x' })
  const told = [
    await project.run(['plan', '--against', 'dev']),
    await project.run(['plan', '--against', 'pg']),
    await project.run(['plan', '--against', 'nowhere']),
    await project.run(['plan', '--against', 'pg', '--out', 'plan.json']),
  ]
  expect(told.map((result) => messageOf(result, project)).join('\n\n')).toMatchInlineSnapshot(`
    "exit 2
    Error: --against dev is the target itself
        Name the target whose state the models of this one are compared with, e.g. --target ci --against prod. Without --against a plan is of the target itself.

    exit 1
    Error: The state of target pg cannot be read beside the models of target dev: it is on postgres, and this target is on duckdb
        Build the models where target pg builds, in a schema of their own.

    exit 1
    Error: <project>/profiles.yml:1:25: the profile shop has no target nowhere
        Its targets are: dev, pg. Choose one with --target.

    exit 2
    Error: --against does not go with --out
        It shows what the models of one target would do to another, which no run does as it is."
  `)
})

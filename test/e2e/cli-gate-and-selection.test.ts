import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { messageOf } from '../support/cli-message.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, smallShop, writeTo } from '../support/small-shop.ts'

test('nothing is selected: a warning, and all is well', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  expect(messageOf(await project.run(['run', '-s', 'contcts']), project)).toMatchInlineSnapshot(`
    "exit 0
    Running with backhaul=<version>
    Warning: The selection criterion 'contcts' does not match any enabled nodes that have a sync; did you mean contacts?
    Warning: No sync is selected; nothing to do. Syncs of the project: contacts
    Completed successfully
    Done. OK=0 PARTIAL=0 ERROR=0 GUARDED=0 HELD=0 TOTAL=0"
  `)
})

test('a selected sync that is disabled is said to be', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, syncs: [contacts({ enabled: false })] })
  const run = await project.run(['run', '--select', 'contacts'])
  expect(run.stderr).toContain("'contacts' matches only disabled syncs: contacts.")
  expect(run.stderr).toContain('Syncs of the project: contacts (disabled)')
})

test('a project without syncs', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, syncs: [{ model: 'people', hubspot: undefined }] })
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 0
    Running with backhaul=<version>
    Warning: No model has a sync yet: let \`backhaul init\` write one, or add \`config: {meta: {hubspot: {…}}}\` to a model and run \`dbt parse\`.
    Completed successfully
    Done. OK=0 PARTIAL=0 ERROR=0 GUARDED=0 HELD=0 TOTAL=0"
  `)
})

test('a selection that is not understood', async () => {
  const project = await smallShop()
  expect(messageOf(await project.run(['ls', '-s', 'tags:crm']), project)).toMatchInlineSnapshot(`
    "exit 2
    Error: 'tags' is not a valid method name
        Did you mean tag? Methods are: fqn, tag, group, access, source, path, file, package, config, test_name, test_type, resource_type, state, exposure, metric, result, source_status, version, semantic_model, saved_query, unit_test, selector, sync, object, mode."
  `)
})

test('without results of a build a run says once that it is ungated', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, results: false })
  const result = await project.run(['run'])
  expect(messageOf(result, project)).toMatchInlineSnapshot(`
    "exit 0
    Running with backhaul=<version>
    Warning: Ungated: there are no results of a dbt build. The tables are taken as they are.
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    1 of 1 START sync contacts ..................................................... [RUN: 2 create or update, 1 write call]
    1 of 1 OK sync contacts → contacts ............................................. [2 created, 1 write call in <time>]
    Completed successfully
    Done. OK=1 PARTIAL=0 ERROR=0 GUARDED=0 HELD=0 TOTAL=1"
  `)
  expect(result.stderr.match(/ungated/gi)).toHaveLength(1)
})

test('a model that dbt failed to build is held, and the run fails', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, results: { people: 'error' } })
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    1 of 1 HELD sync contacts → contacts ........................................... [HELD in <time>]
      dbt reports error for the model
    Warning: To build what is held: dbt build --select people
    Completed with 1 sync held
    Done. OK=0 PARTIAL=0 ERROR=0 GUARDED=0 HELD=1 TOTAL=1"
  `)
})

test('one command builds all that is held, in the target that it is held for', async () => {
  const sandbox = await strictSandbox()
  const syncs = [contacts(), { ...contacts({ sync: 'others', shared: true }), model: 'others' }]
  const results = { people: 'error', others: 'skipped' }
  const project = await smallShop({ sandbox, syncs, results })
  const lines = async (...args: readonly string[]) =>
    (await project.run(args)).stderr.split('\n').filter((line) => line.includes('dbt build'))
  expect(await lines('run')).toEqual([
    expect.stringMatching(/Warning: To build what is held: dbt build --select people others$/),
  ])
  const profiles = JSON.parse(readFileSync(join(project.dir, 'profiles.yml'), 'utf8'))
  profiles.shop.outputs.other = profiles.shop.outputs.dev
  writeTo(project, 'profiles.yml', JSON.stringify(profiles))
  expect(await lines('plan', '--target', 'other')).toEqual([
    expect.stringMatching(
      /To build what is held: dbt build --select people others --target other$/,
    ),
  ])
})

test('a file that was changed after the manifest was written is told once', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const warning = /models\/schema\.yml was changed after dbt's manifest was written/g
  expect((await project.run(['ls'])).stderr).not.toMatch(warning)
  const later = Date.now() / 1000 + 60
  utimesSync(join(project.dir, 'models/schema.yml'), later, later)
  expect((await project.run(['run'])).stderr.match(warning)).toHaveLength(1)
  project.setSyncs([contacts()])
  utimesSync(join(project.dir, 'target/manifest.json'), later, later)
  const parsed = await project.run(['run'])
  expect(parsed.stderr).not.toMatch(warning)
  expect(parsed.stderr).not.toContain('different dbt invocations')
})

test('a model that was not in the build is held, and all is well', async () => {
  const sandbox = await strictSandbox()
  const syncs = [contacts(), { ...contacts({ sync: 'others', shared: true }), model: 'others' }]
  const project = await smallShop({ sandbox, syncs })
  const path = join(project.dir, 'target', 'run_results.json')
  const results = JSON.parse(readFileSync(path, 'utf8'))
  results.results = results.results.slice(0, 1)
  writeTo(project, 'target/run_results.json', JSON.stringify(results))
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 0
    Running with backhaul=<version>
    1 of 2 HELD sync others → contacts ............................................. [HELD in <time>]
      the model was not part of the last dbt build
    To send the tables of others as they are, once: --select others --gate off
    Found 1 sync; target dev (DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb), portal 4242424 (DEVELOPER_TEST)
    2 of 2 START sync contacts ..................................................... [RUN: 2 create or update, 1 write call]
    2 of 2 OK sync contacts → contacts ............................................. [2 created, 1 write call in <time>]
    Completed with 1 sync held
    Done. OK=1 PARTIAL=0 ERROR=0 GUARDED=0 HELD=1 TOTAL=2"
  `)
})

test('a build with --empty holds everything', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const path = join(project.dir, 'target', 'run_results.json')
  const results = JSON.parse(readFileSync(path, 'utf8'))
  results.args.empty = true
  writeTo(project, 'target/run_results.json', JSON.stringify(results))
  expect(messageOf(await project.run(['run', '--gate', 'off']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    1 of 1 HELD sync contacts → contacts ........................................... [HELD in <time>]
      the last dbt build ran with --empty, so that tables hold no or only some of their rows
    Warning: To build what is held: dbt build --select people, without that option
    Completed with 1 sync held
    Done. OK=0 PARTIAL=0 ERROR=0 GUARDED=0 HELD=1 TOTAL=1"
  `)
})

test('a gate that requires results', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, results: false })
  expect(
    messageOf(await project.run(['run', '--gate', 'require']), project),
  ).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    1 of 1 HELD sync contacts → contacts ........................................... [HELD in <time>]
      there are no results of a dbt build, and --gate require was given
    Warning: To build what is held: dbt build --select people
    Completed with 1 sync held
    Done. OK=0 PARTIAL=0 ERROR=0 GUARDED=0 HELD=1 TOTAL=1"
  `)
})

import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from '../support/cli.ts'
import { messageOf } from '../support/cli-message.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { smallShop, useProfile, writeTo } from '../support/small-shop.ts'

/** Each message says what is wrong, where, and what to do; none has a stack. */

test('no dbt project', async ({ onTestFinished }) => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-empty-')))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const result = await runCli(['run'], { cwd: dir })
  expect(messageOf(result, { dir, schema: 'main' })).toMatchInlineSnapshot(`
    "exit 1
    Error: there is no dbt_project.yml in <project> or a folder above it
        Run this in a dbt project, or say where it is with --project-dir."
  `)
})

test('no manifest', async () => {
  const project = await smallShop()
  rmSync(join(project.dir, 'target', 'manifest.json'))
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: <project>/target/manifest.json: There is no dbt manifest here
        Run \`dbt parse\` (or \`dbt build\`) in the project first, or say where dbt writes with --target-path."
  `)
})

test('a manifest of a dbt that is too old', async () => {
  const project = await smallShop()
  writeTo(
    project,
    'target/manifest.json',
    JSON.stringify({
      metadata: {
        dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v8.json',
        dbt_version: '1.4.9',
      },
      nodes: {},
    }),
  )
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: <project>/target/manifest.json: The manifest was written by dbt 1.4.9; dbt 1.5 is the oldest that is read
        Upgrade dbt, then run \`dbt parse\`."
  `)
})

test('a manifest that was cut off', async () => {
  const project = await smallShop()
  writeTo(project, 'target/manifest.json', '{"metadata": {"dbt_schema_')
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: <project>/target/manifest.json: The dbt manifest is damaged or was not written to its end (Unterminated string in JSON at position 26 (line 1 column 27))
        Run \`dbt parse\` to write it again, and do not run dbt in the same target folder at the same time."
  `)
})

test('run results in the place of the manifest', async () => {
  const project = await smallShop()
  const schema = 'https://schemas.getdbt.com/dbt/run-results/v6.json'
  writeTo(
    project,
    'target/manifest.json',
    JSON.stringify({ metadata: { dbt_schema_version: schema }, results: [] }),
  )
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: <project>/target/manifest.json: The file is a run-results file, not a manifest
        Give the path of dbt's target/manifest.json. \`dbt parse\` writes it."
  `)
})

test('a wrong profile', async () => {
  const project = await smallShop()
  expect(messageOf(await project.run(['run', '--profile', 'shp']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/profiles.yml: there is no profile shp
        Did you mean \`shop\`?"
  `)
})

test('a wrong target', async () => {
  const project = await smallShop()
  expect(messageOf(await project.run(['run', '-t', 'production']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/profiles.yml:4:5: the profile shop has no target production
        Its targets are: dev. Choose one with --target."
  `)
})

test('a target that is no mapping', async () => {
  const project = await smallShop()
  writeTo(project, 'profiles.yml', 'shop:\n  target: dev\n  outputs:\n    dev: type=duckdb\n')
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/profiles.yml:4:5: shop.outputs.dev: the target dev must be a mapping, not a text of 11 characters
        Write its keys below it, indented: \`type:\`, \`schema:\` and those of the adapter."
  `)
})

test('no profiles.yml where it was looked for', async () => {
  const project = await smallShop()
  const args = ['run', '--profiles-dir', 'elsewhere']
  expect(messageOf(await project.run(args), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: there is no profiles.yml in <project>/elsewhere
        There is one in <project>, where dbt does not look from here: add --profiles-dir <project>."
  `)
})

test('a variable that the chosen target needs and another one that it does not', async () => {
  const project = await smallShop()
  writeTo(
    project,
    'profiles.yml',
    `shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: "{{ env_var('SHOP_FILE') }}"
    prod:
      type: duckdb
      path: "{{ env_var('SHOP_PROD_FILE') }}"
`,
  )
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/profiles.yml:6:7: shop.outputs.dev.path: the environment variable SHOP_FILE is needed but not set
        Set SHOP_FILE (a .env file in the working directory or above it is read, too), or give a default: env_var('SHOP_FILE', '…')."
  `)
})

test('an adapter that is not supported', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  useProfile(project, 'redshift', 'shop: {target: dev, outputs: {dev: {type: redshift}}}\n')
  expect(messageOf(await project.run(['run']), project)).toMatchInlineSnapshot(`
    "exit 1
    Running with backhaul=<version>
    Error: The profile's adapter is redshift; supported are duckdb, bigquery, postgres, snowflake
        Choose another target with --target, or set \`type:\` in profiles.yml."
  `)
})

test('a misspelt key in backhaul.yml', async () => {
  const project = await smallShop()
  writeTo(project, 'backhaul.yml', 'version: 1\ntarget:\n  prod: {portal_id: 1}\n')
  expect(messageOf(await project.run(['plan']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/backhaul.yml:2:1: target: unknown key
        Did you mean \`targets\`?"
  `)
})

test('YAML that is none', async () => {
  const project = await smallShop()
  writeTo(project, 'backhaul.yml', 'version: 1\nschema: "x\n')
  expect(messageOf(await project.run(['plan']), project)).toMatchInlineSnapshot(`
    "exit 1
    Error: <project>/backhaul.yml:3:1: is no valid YAML: Missing closing "quote"
  `)
})

import { readdirSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { steady } from '../support/cli-message.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, smallShop, writeTo } from '../support/small-shop.ts'

async function debug(project: TestProject, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await project.run(['debug', ...args])
  const text = steady(stdout, project)
    .replaceAll(/Node.js [\d.]+, \w+ \w+/g, 'Node.js <node>')
    .replaceAll(/DuckDB v[\d.]+/g, 'DuckDB <version>')
    .replaceAll(/PostgreSQL [\d.]+/g, 'PostgreSQL <version>')
    .replaceAll(/\d+\.\d s apart/g, '<time> apart')
    .replaceAll(/\d+ properties/g, '<n> properties')
  return `exit ${exitCode}\n${text}${stderr}`
}

test('everything is there', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const before = readdirSync(project.dir)
  const result = await project.run(['debug'])
  expect(result.stdout).not.toContain(sandbox.token)
  expect(await debug(project)).toMatchInlineSnapshot(`
    "exit 0
    [OK]    versions        backhaul <version>, Node.js <node>
    [OK]    project         shop, <project>/dbt_project.yml
    [OK]    profile         shop, target dev, <project>/profiles.yml
    [OK]    connection      type=duckdb, path=shop.duckdb, schema=main
    [OK]    settings        <project>/backhaul.yml; schema main_backhaul, HubSpot at http://127.0.0.1:<port>
    [OK]    manifest        written by dbt 1.11.0 just now, <project>/target/manifest.json
    [OK]    syncs           1 found, 1 selected: contacts
    [OK]    build results   dbt build just now, 1 node
    [OK]    warehouse       DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb
    [OK]    models          1 of 1 readable
    [OK]    clock           <time> apart from the warehouse's
    [OK]    backhaul schema main_backhaul is not there yet; the first run can create it
    [OK]    token           from HUBSPOT_ACCESS_TOKEN
    [OK]    account         portal 4242424, DEVELOPER_TEST, http://127.0.0.1:<port>
    [OK]    may write       target dev to portal 4242424
    [OK]    daily usage     624,993 of 625,000 calls left today, 190 per 10 s
    [OK]    scopes          all 2 scopes that the syncs need
    [OK]    objects         contacts (0-1), <n> properties
    [OK]    mappings        contacts: <n> properties

    All checks passed!
    "
  `)
  expect(readdirSync(project.dir)).toEqual(before)
  expect(sandbox.writeCalls()).toBe(0)
})

test('what validate finds is no passed check', async () => {
  const sandbox = await strictSandbox()
  const properties = { frstname: 'first_name', lastname: 'last_nme' }
  const project = await smallShop({
    sandbox,
    syncs: [contacts({ properties, where: 'is_tst = 1', match: { email: 'email' } })],
  })
  expect((await project.run(['validate'])).exitCode).toBe(1)
  const { exitCode, stdout } = await project.run(['debug'])
  expect(exitCode).toBe(1)
  expect(stdout).not.toContain('All checks passed')
  expect(stdout).toContain('[ERROR] mappings')
  expect(stdout).toContain('frstname')
  expect(stdout).toContain('last_nme')
})

test('on PostgreSQL it leaves no schema behind, and finds the one that a run made', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, engine: 'postgres' })
  const schemas = () =>
    project.rows(
      `select 1 from information_schema.schemata where schema_name = '${project.schema}_backhaul'`,
    )
  expect((await project.run(['debug'])).stdout).toContain('the first run can create it')
  expect(await schemas()).toEqual([])
  expect((await project.run(['run'])).exitCode).toBe(0)
  expect((await project.run(['debug'])).stdout).toContain('is there, and may be written to')
})

test('without anything it goes on to the end', async () => {
  const project = await smallShop({
    tables: [],
    syncs: [contacts({ object: 'contcts' })],
    results: false,
  })
  expect(await debug(project)).toMatchInlineSnapshot(`
    "exit 1
    [OK]    versions        backhaul <version>, Node.js <node>
    [OK]    project         shop, <project>/dbt_project.yml
    [OK]    profile         shop, target dev, <project>/profiles.yml
    [OK]    connection      type=duckdb, path=shop.duckdb, schema=main
    [OK]    settings        <project>/backhaul.yml; schema main_backhaul, HubSpot at https://api.hubapi.com
    [OK]    manifest        written by dbt 1.11.0 just now, <project>/target/manifest.json
    [OK]    syncs           1 found, 1 selected: contacts
    [SKIP]  build results   none: a run is ungated, the tables are taken as they are
    [OK]    warehouse       DuckDB <version>, <project>/shop.duckdb, state in <project>/shop_backhaul.duckdb
    [ERROR] models          "shop"."main"."people" does not exist in the warehouse
                            Build it: dbt build --select people
    [OK]    clock           <time> apart from the warehouse's
    [OK]    backhaul schema main_backhaul is not there yet; the first run can create it
    [ERROR] token           there is no HubSpot access token: the environment variable HUBSPOT_ACCESS_TOKEN is not set
                            Set it (a .env file is read, too), or set \`hubspot.access_token\` in backhaul.yml.
    [SKIP]  account         no token
    [SKIP]  daily usage     no token
    [SKIP]  scopes          no token
    [SKIP]  objects         no token
    [SKIP]  mappings        contacts: model and object are needed first

    2 checks failed
    "
  `)
})

test('a broken profile hides neither the manifest nor HubSpot', async () => {
  const sandbox = await strictSandbox({ tokens: [{ token: 't', scopes: [] }] })
  const project = await smallShop({ sandbox })
  writeTo(project, 'profiles.yml', 'shop: {target: dev, outputs: {prod: {type: duckdb}}}\n')
  expect(await debug(project)).toMatchInlineSnapshot(`
    "exit 1
    [OK]    versions        backhaul <version>, Node.js <node>
    [OK]    project         shop, <project>/dbt_project.yml
    [ERROR] profile         <project>/profiles.yml:1:21: the profile shop has no target dev
                            Its targets are: prod. Choose one with --target.
    [OK]    settings        <project>/backhaul.yml; HubSpot at http://127.0.0.1:<port>
    [OK]    manifest        written by dbt 1.11.0 just now, <project>/target/manifest.json
    [OK]    syncs           1 found, 1 selected: contacts
    [OK]    build results   dbt build just now, 1 node
    [SKIP]  warehouse       profile and settings are needed first
    [OK]    token           from HUBSPOT_ACCESS_TOKEN
    [OK]    account         portal 4242424, DEVELOPER_TEST, http://127.0.0.1:<port>
    [SKIP]  may write       no target
    [OK]    daily usage     624,999 of 625,000 calls left today, 190 per 10 s
    [ERROR] scopes          the token lacks crm.objects.contacts.read, crm.objects.contacts.write
                            Add them to the app in HubSpot; a new token may be needed. \`backhaul inspect scopes\` says what each is for.
    [ERROR] objects         could not list the properties of contacts: the access token needs one of the scopes crm.schemas.contacts.read, crm.objects.contacts.read
                            Add the scopes to the app in HubSpot and, if its token changes, replace the token.
    [SKIP]  mappings        contacts: model and object are needed first

    3 checks failed
    "
  `)
})

/** A project on PostgreSQL whose profile connects as a role of its own; `grants` are run for it. */
async function asReader(grants: (schema: string, role: string) => readonly string[]) {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, engine: 'postgres' })
  const role = `${project.schema}_reader`
  await project.sql(`create role ${role} login password 'secret-word'`)
  onTestFinished(() => project.sql(`drop owned by ${role} cascade`, `drop role ${role}`))
  await project.sql(...grants(project.schema, role))
  await useUser(project, role)
  return { project, role }
}

async function useUser(project: TestProject, user: string): Promise<void> {
  const profiles = JSON.parse(await readProfiles(project))
  Object.assign(profiles.shop.outputs.dev, { user, password: 'secret-word' })
  writeTo(project, 'profiles.yml', JSON.stringify(profiles))
}

const canRead = (schema: string, role: string) => [
  `grant usage on schema ${schema} to ${role}`,
  `grant select on all tables in schema ${schema} to ${role}`,
]

test('no rights to create the schema: the one statement to run', async () => {
  const { project, role } = await asReader(canRead)
  const result = await project.run(['debug'])
  const own = `${project.schema}_backhaul`
  expect(result.stdout).not.toContain('secret-word')
  expect(result.stdout).toContain(
    `Ask an owner of the database to run: create schema "${own}" authorization "${role}";\n`,
  )
  expect(result.stdout).not.toContain('create table')
  expect(result.exitCode).toBe(1)
  const run = await project.run(['run'])
  expect(run.stderr).toContain(`create schema "${own}" authorization "${role}";`)
  await project.sql(`create schema "${own}" authorization "${role}"`)
  expect((await project.run(['debug'])).exitCode).toBe(0)
})

test('no rights in a schema that is there: the grants to run, which are enough', async () => {
  const { project, role } = await asReader(canRead)
  const own = `"${project.schema}_backhaul"`
  await project.sql(`create schema ${own}`)
  const grants = `grant usage, create on schema ${own} to "${role}"; grant select, insert, update, delete on all tables in schema ${own} to "${role}";`
  expect((await project.run(['debug'])).stdout).toContain(grants)
  await project.sql(...grants.split(';').filter((text) => text.trim() !== ''))
  expect((await project.run(['debug'])).exitCode).toBe(0)
})

test('no rights on the schema of the models: the grants to run, which are enough', async () => {
  const { project, role } = await asReader((schema, name) => [
    `create schema "${schema}_backhaul" authorization ${name}`,
  ])
  const { schema } = project
  const grants = `grant usage on schema "${schema}" to "${role}"; grant select on all tables in schema "${schema}" to "${role}";`
  expect((await project.run(['debug'])).stdout).toContain(grants)
  await project.sql(`grant usage on schema ${schema} to ${role}`)
  expect((await project.run(['debug'])).stdout).toContain(grants)
  await project.sql(...canRead(schema, role))
  expect((await project.run(['debug'])).exitCode).toBe(0)
})

test('a role that does not exist', async () => {
  const project = await smallShop({ engine: 'postgres' })
  await useUser(project, 'nobody_knows')
  const { stdout } = await project.run(['debug'])
  expect(stdout).toContain('The server knows no role nobody_knows: check user in profiles.yml')
  expect(stdout).not.toContain('pg_hba')
})

test('for machines', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  const { stdout } = await project.run(['debug', '--output', 'json'])
  const { passed, checks } = JSON.parse(stdout)
  expect(passed).toBe(true)
  expect(checks[0]).toMatchObject({ check: 'versions', status: 'ok' })
})

async function readProfiles(project: TestProject): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile(`${project.dir}/profiles.yml`, 'utf8')
}

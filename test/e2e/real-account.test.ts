import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../../scripts/process.mjs'
import { bareEnvironment } from '../support/cli.ts'
import { postgresUrl, whyNoPostgres } from '../support/postgres.ts'
import { uniqueName } from '../support/warehouses.ts'

/** One quick test of the suites. */
const oneTest = ['contract/warehouse', '-t', 'a schema is found by its name']
const password = 'least-of-all'

describe.skipIf(whyNoPostgres() !== undefined)('npm run test:real', () => {
  const role = uniqueName('tester')
  let dir: string
  let owner: pg.Client

  beforeAll(async () => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-real-test-')))
    owner = new pg.Client({ connectionString: postgresUrl() })
    await owner.connect()
    await owner.query(`create role ${role} login password '${password}'`)
    const { hostname: host, port, pathname } = new URL(postgresUrl())
    const target = { type: 'postgres', host, port: Number(port), user: role, schema: 'marts' }
    const login = {
      ...target,
      dbname: pathname.slice(1),
      password: "{{ env_var('SHOP_PASSWORD') }}",
    }
    const outputs = { prod: login, local: { type: 'duckdb', path: 'shop.duckdb' } }
    writeFileSync(join(dir, 'profiles.yml'), JSON.stringify({ shop: { target: 'prod', outputs } }))
  })
  afterAll(async () => {
    await owner.query(`drop owned by ${role} cascade`)
    await owner.query(`drop role ${role}`)
    await owner.end()
    rmSync(dir, { recursive: true, force: true })
  })

  const database = () => new URL(postgresUrl()).pathname.slice(1)
  const schemas = async () => {
    const { rows } = await owner.query<{ name: string }>(
      "select nspname as name from pg_namespace where nspname like 'backhaul\\_test\\_%' order by 1",
    )
    return rows.map(({ name }) => name)
  }

  /** Starts the command as npm does, from the folder of the profile. */
  function start(...args: readonly string[]) {
    const child = spawn(process.execPath, [join(root, 'test/real/main.ts'), ...args], {
      cwd: root,
      env: { ...bareEnvironment(), INIT_CWD: dir, SHOP_PASSWORD: password },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const pipe of [child.stdout, child.stderr]) {
      pipe.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    const finished = new Promise<{ exitCode: number | null; output: string }>((resolve) => {
      child.once('close', (exitCode) => resolve({ exitCode, output }))
    })
    return { child, finished }
  }
  const run = (...args: readonly string[]) => start(...args).finished

  /** Waits until a schema of a test is there, beside the one that tries the login. */
  async function untilUnderWay(child: ChildProcess): Promise<void> {
    while (!(await schemas()).some((name) => /_[0-9a-f]{8}$/.test(name))) {
      expect(child.exitCode).toBeNull()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  async function untilNoSession(): Promise<void> {
    const count = async () =>
      (await owner.query('select 1 from pg_stat_activity where usename = $1', [role])).rows.length
    while ((await count()) > 0) await new Promise((resolve) => setTimeout(resolve, 50))
  }

  test.each([
    [['postgress', '--profile', 'shop'], 2, 'Did you mean `postgres`?'],
    [[], 2, 'One of snowflake, bigquery, postgres'],
    [['postgres'], 2, 'Add --profile NAME'],
    [['postgres', '--profile', 'shop', '--drop'], 2, "Unknown option '--drop'"],
    [['postgres', '--profile', 'shp'], 1, 'Did you mean `shop`?'],
    [
      ['postgres', '--profile', 'shop', '--target', 'local'],
      1,
      'the target local of the profile shop is of type duckdb, not postgres',
    ],
  ])('%j is refused with what to write', async (args, exitCode, message) => {
    const result = await run(...args)
    expect(result.output).toContain(message)
    expect(result.output).not.toMatch(/^\s+at /m)
    expect(result.exitCode).toBe(exitCode)
  })

  test('a login that may not make a schema is told what to grant; with that it works, and nothing is left', async () => {
    const refused = await run('postgres', '--profile', 'shop', ...oneTest)
    expect(refused.exitCode).toBe(1)
    expect(refused.output).toContain('The login cannot make a schema, so nothing was made')
    const [grant] = /^grant .*;$/m.exec(refused.output) ?? []
    expect(grant).toBe(`grant connect, create, temporary on database "${database()}" to "${role}";`)
    await owner.query(String(grant))

    const passed = await run('postgres', '--profile', 'shop', ...oneTest)
    expect(passed.exitCode, passed.output).toBe(0)
    expect(passed.output).toContain('1 passed, 0 failed')
    expect(passed.output).toContain('No schema of this run is left.')
    expect(passed.output).not.toContain(password)
    expect(await schemas()).toEqual([])
  })

  test('Ctrl-C drops what the tests have made', async () => {
    const { child, finished } = start('postgres', '--profile', 'shop', 'contract/whole-runs')
    await untilUnderWay(child)
    child.kill('SIGINT')
    const { exitCode, output } = await finished
    expect(output).toContain('No schema of this run is left.')
    expect(exitCode).toBe(130)
    expect(await schemas()).toEqual([])
    await untilNoSession()
  })

  test('what a kill leaves is dropped by --drop-leftovers, and nothing else is', async () => {
    const mine = ['backhaul_test_mine', 'backhaul_test_0123abcd_0123abcd_copy']
    for (const name of mine) {
      await owner.query(`create schema ${name} authorization ${role}`)
    }
    const { child, finished } = start('postgres', '--profile', 'shop', 'contract/whole-runs')
    await untilUnderWay(child)
    child.kill('SIGKILL')
    await finished
    await untilNoSession()
    expect((await schemas()).length).toBeGreaterThan(mine.length)
    const result = await run('postgres', '--profile', 'shop', '--drop-leftovers')
    expect(result.exitCode, result.output).toBe(0)
    expect(await schemas()).toEqual(mine.toSorted())
  })
})

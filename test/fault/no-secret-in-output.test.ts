import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import { postgresUrl, whyNoPostgres } from '../support/postgres.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { createPeople, type Person, peopleSync, setPeople } from './people-project.ts'
import { isSoak } from './soak.ts'

const missing = whyNoPostgres()
const token = 'pat-na1-plantedtoken-5f3e'
/** Part of every planted value, so that one search finds them all. */
const planted = 'zqplanted'

const person = (id: number, keys: Partial<Person> = {}): Person => ({
  id,
  email: `${planted}${id}@shop.example`,
  firstName: `First ${planted}`,
  nickname: `Nick "${planted}"`,
  revenue: 7_770_077,
  ...keys,
})

/** Rows that HubSpot and our own checks refuse, beside good ones. */
const people = [
  person(1),
  person(2, { email: `${planted}@nowhere` }),
  person(3, { email: `${planted}twin@shop.example` }),
  person(4, { email: `${planted}TWIN@shop.example` }),
  person(5, { email: `${planted} with spaces@shop.example` }),
  person(6, { firstName: `${planted}`.repeat(8000) }),
  person(7, { nickname: `${planted} 'quoted', \\ and {"json": "${planted}"}` }),
]

interface Trouble {
  readonly name: string
  readonly rule?: FaultRule
  /** Keys of the sync that differ. */
  readonly keys?: Readonly<Record<string, unknown>>
}

const refusal = (status: number, category: string, message: string): FaultRule => ({
  kind: 'status',
  status,
  body: { status: 'error', category, message },
})

const troubles: readonly Trouble[] = [
  { name: 'rows that are refused' },
  {
    name: 'values of the wrong kind',
    keys: { properties: { firstname: 'first_name', annualrevenue: 'nickname' } },
  },
  {
    name: '400 that quotes values',
    rule: refusal(
      400,
      'VALIDATION_ERROR',
      `Property values were not valid: [{"name":"firstname","message":"First ${planted} is too ${planted}"}]`,
    ),
  },
  {
    name: '409 that quotes values',
    rule: refusal(
      409,
      'CONFLICT',
      `Contact already exists with ${planted}1@shop.example. Existing ID: 12`,
    ),
  },
  { name: '401 that quotes the token', rule: refusal(401, '', `token ${token} expired`) },
  {
    name: '500 as text',
    rule: { kind: 'status', status: 500, body: `<html>${planted} ${token}</html>` },
  },
  { name: 'a lost answer', rule: { kind: 'reset_after' } },
]

const logs = [
  ['text', ['--debug']],
  ['JSON', ['--debug', '--log-format', 'json']],
] as const

/** Everything that a command wrote to files of the project, models and state files excepted. */
function filesOf(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/duckdb|manifest\.json$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.includes(join('target', 'backhaul')))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
}

/** All rows of the tables, as one text. */
async function tablesOf(project: TestProject, ...names: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    names.map(async (name) => JSON.stringify(await project.rows(`select * from ${name}`))),
  )
  return texts.join('\n')
}

function expectClean(text: string, ...secrets: readonly string[]): void {
  for (const secret of [token, ...secrets]) {
    const at = text.indexOf(secret)
    const around = at < 0 ? '' : text.slice(Math.max(0, at - 200), at + 100)
    expect(around, `${secret} shows`).toBe('')
  }
}

// `hashed` differs from `none` in the diff's SQL only.
describe.each(isSoak ? (['full', 'hashed', 'none'] as const) : (['full', 'hashed'] as const))(
  'with audit.values %s',
  (values) => {
    test.each(troubles)('$name: no output holds token or values', async ({ rule, keys }) => {
      const sandbox = await strictSandbox({ tokens: [token] })
      const project = await createPeople('duckdb', sandbox, peopleSync('upsert', keys), {
        lease_seconds: 10,
        hubspot: { request_timeout_seconds: 1 },
        audit: { values, requests: 'full' },
      })
      await setPeople(project, people)
      for (const [name, flags] of logs) {
        if (rule !== undefined) {
          sandbox.clearFaults()
          sandbox.addFault({ ...rule, match: { path: '/batch/upsert$', times: 2 } })
        }
        const result = await project.run(['run', ...flags, '--output', 'json'])
        expect(result.stderr.length, name).toBeGreaterThan(100)
        expectClean(result.stdout, planted, '7770077')
        expectClean(result.stderr, planted, '7770077')
      }
      expectClean(filesOf(project.dir), planted, '7770077')
      expectClean(await tablesOf(project, 'runs'), planted, '7770077')
      const secrets = values === 'full' ? [] : [planted, '7770077']
      expectClean(await tablesOf(project, 'changes', 'requests'), ...secrets)
      const plan = await project.run(['plan', '--debug'])
      expectClean(plan.stderr, planted, '7770077')
      if (values !== 'full') expectClean(plan.stdout, planted)
    })
  },
)

test('a killed run leaves no value on the disk but in the state', async () => {
  const sandbox = await strictSandbox({ tokens: [token] })
  const project = await createPeople('duckdb', sandbox, peopleSync('upsert'))
  await setPeople(project, people)
  const killed = await project.run(['run', '--debug'], { BACKHAUL_CRASH_AT: 'result-spooled' })
  expect(killed.signal).toBe('SIGKILL')
  const spooled = filesOf(project.dir)
  expect(spooled).toContain('sequence')
  expectClean(spooled, planted)
})

test.skipIf(missing !== undefined)(
  'the password of the warehouse shows nowhere, whether it is right, wrong or unused',
  async () => {
    const password = 'pw-planted-8812'
    const sandbox = await strictSandbox({ tokens: [token] })
    const project = await createPeople('postgres', sandbox, peopleSync('upsert'))
    await setPeople(project, people)
    const url = new URL(postgresUrl())
    const profile = (keys: object) =>
      JSON.stringify({
        shop: {
          target: 'dev',
          outputs: {
            dev: {
              type: 'postgres',
              host: url.hostname,
              port: Number(url.port),
              user: `nobody_${planted}`,
              password,
              dbname: url.pathname.slice(1),
              schema: project.schema,
              ...keys,
            },
          },
        },
      })
    for (const keys of [{}, { port: 1 }, { host: '192.0.2.1', connect_timeout: 1 }]) {
      writeFileSync(join(project.dir, 'profiles.yml'), profile(keys))
      for (const [, flags] of logs) {
        const result = await project.run(['run', ...flags])
        expect(result.exitCode).toBe(1)
        expectClean(result.stdout + result.stderr, password)
      }
    }
    expectClean(filesOf(project.dir), password)
  },
)

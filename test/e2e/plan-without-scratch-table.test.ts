import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { postgresUrl, whyNoPostgres } from '../support/postgres.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { people, smallShop, writeTo } from '../support/small-shop.ts'
import { uniqueName } from '../support/warehouses.ts'

const missing = whyNoPostgres()

test.skipIf(missing !== undefined)(
  'a login that may create no scratch table sees the counts, and that the changes cannot be listed',
  async () => {
    const sandbox = await strictSandbox()
    const project = await smallShop({ sandbox, engine: 'postgres' })
    await moveToStrictDatabase(project)
    const text = await project.run(['plan'])
    expect(text.exitCode, text.stderr).toBe(0)
    expect(text.stdout).toContain('2 create or update')
    expect(text.stdout).toContain('1 row: the primary key is NULL or empty')
    expect(text.stdout).toContain(
      '! Counts only: the warehouse lets this login create no scratch table',
    )
    expect(text.stdout).not.toContain('+ ')
    const json = await project.run(['plan', '--output', 'json', '--row', '1'])
    const [plan, ...rest] = json.stdout.trim().split('\n')
    expect(JSON.parse(plan ?? '')).toMatchObject({
      kind: 'plan',
      isCountOnly: true,
      operations: { upsert: 1 },
      calls: { writes: 1 },
      asked: [{ row: '1', isInModel: true, operation: 'upsert' }],
    })
    expect(rest).toEqual([])
  },
)

/** A copy of the model in a database where a role may only read, and which the project's profile leads to. */
async function moveToStrictDatabase(project: TestProject): Promise<void> {
  const role = uniqueName('reader')
  const server = new URL(postgresUrl())
  const shared = server.pathname.slice(1)
  await withClient(server, (client) => client.query(`create database ${role}`))
  const url = new URL(server)
  url.pathname = role
  onTestFinished(() =>
    withClient(server, async (client) => {
      await client.query(`drop database ${role} with (force)`)
      await client.query(`drop role ${role}`)
    }),
  )
  await withClient(url, async (client) => {
    for (const statement of [
      `create role ${role} login password 'secret-word'`,
      `revoke temporary on database ${role} from public`,
      `create schema ${project.schema}`,
      `set search_path = ${project.schema}`,
      people('Ada', 'Grace'),
      "insert into people values (null, 'nobody@shop.example', 'Nobody')",
      `grant usage on schema ${project.schema} to ${role}`,
      `grant select on all tables in schema ${project.schema} to ${role}`,
    ]) {
      await client.query(statement)
    }
  })
  const read = (file: string) => readFileSync(join(project.dir, file), 'utf8')
  writeTo(
    project,
    'target/manifest.json',
    read('target/manifest.json').replaceAll(`\\"${shared}\\".`, `\\"${role}\\".`),
  )
  const profiles = JSON.parse(read('profiles.yml'))
  Object.assign(profiles.shop.outputs.dev, { dbname: role, user: role, password: 'secret-word' })
  writeTo(project, 'profiles.yml', JSON.stringify(profiles))
}

async function withClient(url: URL, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

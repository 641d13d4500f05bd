import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import type { Mode } from '../../src/types.ts'
import type { CliResult } from '../support/cli.ts'
import { createProject, type TestProject } from '../support/project.ts'
import type { SyncSpec } from '../support/project-files.ts'

/** A row of the model `people`. */
export interface Person {
  readonly id: number
  readonly email: string
  readonly firstName: string | null
  readonly nickname: string | null
  readonly revenue: number | null
}

export const engines = ['duckdb', 'postgres'] as const
export type Engine = (typeof engines)[number]

/** As short as the schema of backhaul.yml allows, so that a killed run keeps nobody waiting. */
export const impatient = { lease_seconds: 10, hubspot: { request_timeout_seconds: 1 } }

/** The sync of `people`; keys given replace those of the default. */
export function peopleSync(mode: Mode, keys: Readonly<Record<string, unknown>> = {}): SyncSpec {
  return {
    model: 'people',
    hubspot: {
      sync: 'contacts',
      object: 'contacts',
      mode,
      primary_key: 'id',
      match: { email: 'email' },
      properties: { firstname: 'first_name', jobtitle: 'nickname', annualrevenue: 'revenue' },
      ...keys,
    },
  }
}

/** A project whose model `people` is sent to contacts. */
export function createPeople(
  engine: Engine,
  sandbox: Pick<Sandbox, 'url' | 'token'>,
  sync: SyncSpec,
  settings: Readonly<Record<string, unknown>> = impatient,
): Promise<TestProject> {
  return createProject({ engine, sandbox, syncs: [sync], settings, tables: tableOf([]) })
}

const literal = (value: string | number | null) =>
  value === null ? 'null' : typeof value === 'number' ? value : `'${value.replaceAll("'", "''")}'`

function tableOf(people: readonly Person[]): readonly string[] {
  const rows = people.map(
    ({ id, email, firstName, nickname, revenue }) =>
      `(${[id, email, firstName, nickname, revenue].map(literal).join(', ')})`,
  )
  return [
    'drop table if exists people',
    'create table people (id integer, email varchar, first_name varchar, nickname varchar, revenue integer)',
    ...(rows.length === 0 ? [] : [`insert into people values ${rows.join(', ')}`]),
  ]
}

/** Builds the model anew, as dbt would. */
export const setPeople = (project: TestProject, people: readonly Person[]) =>
  project.sql(...tableOf(people))

/** People number `from` to `to`. */
export function somePeople(from: number, to: number): Person[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const id = from + index
    return {
      id,
      email: `p${id}@shop.example`,
      firstName: `First${id}`,
      nickname: `Nick${id}`,
      revenue: id,
    }
  })
}

/** What HubSpot holds for a row that was sent: NULL is no value. */
export function asProperties(person: Person) {
  return {
    email: person.email.toLowerCase(),
    firstname: person.firstName ?? '',
    jobtitle: person.nickname ?? '',
    annualrevenue: person.revenue === null ? '' : String(person.revenue),
  }
}

type Properties = ReturnType<typeof asProperties>

/** The mapped properties of every contact, by record id. */
export function contacts(sandbox: Pick<Sandbox, 'records'>): ReadonlyMap<string, Properties> {
  return new Map(
    sandbox.records('contacts').map(({ id, properties }) => [
      id,
      {
        email: properties['email'] ?? '',
        firstname: properties['firstname'] ?? '',
        jobtitle: properties['jobtitle'] ?? '',
        annualrevenue: properties['annualrevenue'] ?? '',
      },
    ]),
  )
}

/** The contacts by e-mail; fails when two have the same one. */
export function contactsByEmail(
  sandbox: Pick<Sandbox, 'records'>,
): ReadonlyMap<string, Properties> {
  const all = [...contacts(sandbox).values()]
  const byEmail = new Map(all.map((contact) => [contact.email, contact]))
  expect(byEmail.size, 'no e-mail occurs twice').toBe(all.length)
  return byEmail
}

/** HubSpot holds each row with exactly its values, and nobody else. */
export function expectExactly(sandbox: Pick<Sandbox, 'records'>, people: readonly Person[]): void {
  const byEmail = (one: Properties, other: Properties) => (one.email < other.email ? -1 : 1)
  expect([...contacts(sandbox).values()].sort(byEmail)).toEqual(
    people.map(asProperties).sort(byEmail),
  )
}

/** Every record is bound by exactly one row, and every bound record exists. */
export async function expectNothingDoubled(
  project: TestProject,
  sandbox: Pick<Sandbox, 'records'>,
  foreignIds: readonly string[] = [],
): Promise<void> {
  const bound = (await project.state('contacts')).flatMap((row) =>
    row['record_id'] === null ? [] : String(row['record_id']),
  )
  const foreign = new Set(foreignIds)
  const records = [...contacts(sandbox).keys()].filter((id) => !foreign.has(id))
  expect(bound.filter((id) => !foreign.has(id)).sort()).toEqual(records.sort())
  expect(new Set(bound).size).toBe(bound.length)
}

/**
 * Nothing of an earlier run is left over, and each run recorded each row once. (`changes` is append-only: an outcome that
 * was `unknown` is followed by what a later start found out; a new key or record is told beside what was sent.)
 */
export async function expectBooksClosed(project: TestProject): Promise<void> {
  const tables = [
    'results__contacts',
    'intents',
    'resolutions__contacts',
    'plan__contacts',
    'leases',
  ]
  for (const table of tables) {
    const [row] = await project.rows(`select count(*) as total from ${table}`)
    expect(row?.['total'], `rows left in ${table}`).toBe(0)
  }
  const open = await project.rows('select run_id, status from runs where finished_at is null')
  expect(open, 'runs without an end').toEqual([])
  const twice = await project.rows(
    `select run_id, row_id, count(*) as total from changes where row_id is not null and outcome <> 'unknown' and operation not in ('rekey', 'rematch') group by run_id, row_id having count(*) > 1`,
  )
  expect(twice, 'rows with two outcomes in one run').toEqual([])
  expect(spoolFiles(project), 'spool files').toEqual([])
}

const spoolFolder = (project: TestProject) => join(project.dir, 'target', 'backhaul', 'spool')

export function spoolFiles(project: TestProject): readonly string[] {
  return existsSync(spoolFolder(project)) ? readdirSync(spoolFolder(project)) : []
}

export function deleteSpool(project: TestProject): void {
  rmSync(spoolFolder(project), { recursive: true, force: true })
}

/** Rows of the state per status. */
export async function statuses(project: TestProject): Promise<Readonly<Record<string, number>>> {
  const rows = await project.rows(
    'select status, count(*) as total from "state__contacts" group by status',
  )
  return Object.fromEntries(rows.map((row) => [String(row['status']), Number(row['total'])]))
}

/** The last recorded run. */
export async function lastRun(project: TestProject): Promise<Readonly<Record<string, unknown>>> {
  const [row] = await project.rows('select * from runs order by run_id desc limit 1')
  return row ?? {}
}

/** The run ended with this exit code; says what it printed when not. */
export function expectExit(result: CliResult, exitCode: number): void {
  expect(result.exitCode, `${result.stdout}\n${result.stderr}`).toBe(exitCode)
}

/** A run that has nothing to send and sends nothing. */
export async function expectNothingToDo(project: TestProject, sandbox: Sandbox): Promise<void> {
  const before = sandbox.writeCalls()
  expectExit(await project.run(['run']), 0)
  expect(sandbox.writeCalls() - before, 'write calls of a run without changes').toBe(0)
}

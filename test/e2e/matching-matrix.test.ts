import { describe, expect, test } from 'vitest'
import { type Engine, expectExit } from '../fault/people-project.ts'
import { whyNoPostgres } from '../support/postgres.ts'
import { createProject, type TestProject } from '../support/project.ts'
import { type StrictSandbox, strictSandbox } from '../support/sandbox.ts'
import { expected } from './matching-matrix.ts'

const modes = ['upsert', 'update', 'insert'] as const
type Mode = (typeof modes)[number]

const byEmail = { property: 'email', value: (name: string) => `${name}@shop.example` }
const bySearch = { property: 'company', value: (name: string) => `Company ${name}` }
const byNothing = { property: undefined, value: (name: string) => name }
/** Holds the row's id. */
const tracking = { tracking_property: 'row_key' }

/** How rows find their records. */
const kinds = {
  email: byEmail,
  'email, tracked': { ...byEmail, keys: tracking },
  'unique property': { property: 'customer_no', value: (name: string) => name },
  'record id': { property: 'id', value: (name: string) => name },
  'non-unique property': bySearch,
  'non-unique property, tracked': { ...bySearch, keys: tracking },
  nothing: byNothing,
  'nothing, tracked': { ...byNothing, keys: tracking },
} as const
type Kind = keyof typeof kinds

/**
 * Situations of a record. The first five are there before the row is met; the last two come about after it was sent. "two":
 * two records where the property allows it, else two rows that lead to one record.
 */
const situations = [
  'absent',
  'present',
  'archived',
  'merged',
  'two',
  'archived later',
  'merged later',
] as const

/** What a project cannot say: record ids find no new records, and only an insert may match by nothing. */
const refused: Readonly<Record<string, string>> = {
  'upsert by record id': 'record ids find records in mode update only, not upsert',
  'insert by record id': 'record ids find records in mode update only, not insert',
  'upsert by nothing': 'is required in mode upsert',
  'update by nothing': 'is required in mode update',
  'update by email, tracked': 'does not go with mode update, which creates nothing',
  'update by non-unique property, tracked': 'does not go with mode update, which creates nothing',
  'upsert by nothing, tracked': 'is required in mode upsert',
  'update by nothing, tracked': 'is required in mode update',
}

interface Row {
  readonly id: string
  readonly key: string
}

/** Records as the situations want them, and the rows that shall find them. */
function arrange(sandbox: StrictSandbox, kind: Kind): readonly Row[] {
  const { property, value } = kinds[kind]
  const seed = (name: string, more: Readonly<Record<string, string>> = {}): string => {
    const own = property === undefined || property === 'id' ? {} : { [property]: value(name) }
    const [id = ''] = sandbox.seedRecords('contacts', [{ firstname: 'Theirs', ...own, ...more }])
    return id
  }
  const ids = {
    present: seed('present'),
    archived: seed('archived'),
    merged: seed('merged'),
    survivor: seed('survivor'),
    'archived later': seed('archived later'.replaceAll(' ', '_')),
    'merged later': seed('merged later'.replaceAll(' ', '_')),
  }
  sandbox.archiveRecord('contacts', ids.archived)
  sandbox.mergeRecords('contacts', ids.survivor, ids.merged)
  const two =
    property === 'email'
      ? [seed('two', { hs_additional_emails: value('two_b') })]
      : property === 'company'
        ? [seed('two'), seed('two')]
        : [seed('two')]
  const keyOf = (name: string): string => {
    if (kind !== 'record id') return value(name.replaceAll(' ', '_'))
    if (name === 'two') return two[0] ?? ''
    return ids[name as keyof typeof ids] ?? '999999'
  }
  const rows = situations.map((id) => ({ id: id as string, key: keyOf(id) }))
  if (property === 'email') rows.push({ id: 'two b', key: value('two_b') })
  if (kind === 'unique property' || kind === 'record id')
    rows.push({ id: 'two b', key: keyOf('two') })
  if (kind === 'record id') rows.push({ id: 'no number', key: 'x1' })
  return rows
}

const setRows = (project: TestProject, rows: readonly Row[], firstName: string) =>
  project.sql(
    'drop table if exists people',
    'create table people (id varchar(40), match_key varchar(80), first_name varchar(40))',
    `insert into people values ${rows.map(({ id, key }) => `('${id}', '${key}', '${firstName}')`).join(', ')}`,
  )

function syncOf(mode: Mode, kind: Kind) {
  const { property, keys } = { keys: {}, ...kinds[kind] }
  return {
    model: 'people',
    hubspot: {
      sync: 'people',
      object: 'contacts',
      mode,
      primary_key: 'id',
      ...(property === undefined ? {} : { match: { [property]: 'match_key' } }),
      properties: { firstname: 'first_name' },
      ...keys,
    },
  }
}

async function start(engine: Engine, mode: Mode, kind: Kind) {
  const sandbox = await strictSandbox({ tier: 'unlimited' })
  const unique = { type: 'string', fieldType: 'text', hasUniqueValue: true }
  for (const name of ['customer_no', 'row_key']) {
    sandbox.createProperty('contacts', { name, ...unique })
  }
  const project = await createProject({ engine, sandbox, syncs: [syncOf(mode, kind)] })
  return { sandbox, project }
}

/** One run: its calls, each row's audit, and what is in HubSpot for it. */
async function observe(project: TestProject, sandbox: StrictSandbox): Promise<readonly string[]> {
  const count = (pattern: RegExp) =>
    sandbox.requests().filter(({ path }) => pattern.test(path)).length
  const counts = () => ({
    writes: sandbox.writeCalls(),
    reads: count(/batch\/read$/),
    searches: count(/\/search$/),
    records: sandbox.countRecords('contacts'),
  })
  const before = counts()
  const run = await project.run(['run'])
  const after = counts()
  const [{ run_id: last } = {}] = await project.rows('select max(run_id) as run_id from runs')
  const [recorded] = await project.rows(`select * from runs where run_id = '${last}'`)
  const changes = await project.rows(
    `select c.*, s.status from changes c join state__people s on s.row_id = c.row_id where c.run_id = '${last}' order by c.row_id`,
  )
  expect(recorded?.['calls_made']).toBe(after.writes - before.writes)
  return [
    `exit ${run.exitCode}: ${after.writes - before.writes} writes, ${after.reads - before.reads} look-ups, ${after.searches - before.searches} searches, ${after.records - before.records} records more`,
    ...changes.map((change) => {
      const made = change['is_created'] === true ? ', made here' : ''
      const why = change['error_category'] === null ? '' : ` ${change['error_category']}`
      return `${change['row_id']}: ${change['operation']} ${change['outcome']}${made}${why}; ${change['status']}`
    }),
  ]
}

const combinations = modes.flatMap((mode) =>
  (Object.keys(kinds) as Kind[]).map((kind) => ({ mode, kind, name: `${mode} by ${kind}` })),
)
const core = [
  'upsert by non-unique property',
  'update by record id',
  'insert by non-unique property',
]

describe.each([
  { engine: 'duckdb' as Engine, chosen: combinations },
  { engine: 'postgres' as Engine, chosen: combinations.filter(({ name }) => core.includes(name)) },
])('on $engine', ({ engine, chosen }) => {
  const isMissing = engine === 'postgres' && whyNoPostgres() !== undefined

  test.skipIf(isMissing).each(chosen)('$name', async ({ mode, kind, name }) => {
    const { sandbox, project } = await start(engine, mode, kind)
    const rows = arrange(sandbox, kind)
    await setRows(project, rows, 'Ours')
    const refusal = refused[name]
    if (refusal !== undefined) {
      const result = await project.run(['validate', '--offline'])
      expectExit(result, 1)
      expect(result.stdout).toContain(refusal)
      return
    }
    const first = await observe(project, sandbox)
    const recordOf = async (row: string) =>
      String((await project.state('people')).find((each) => each['row_id'] === row)?.['record_id'])
    const [archived, merged] = [await recordOf('archived later'), await recordOf('merged later')]
    const [survivor = ''] = sandbox.seedRecords('contacts', [{ firstname: 'Survivor' }])
    if (archived !== 'null') sandbox.archiveRecord('contacts', archived)
    if (merged !== 'null') sandbox.mergeRecords('contacts', survivor, merged)
    await setRows(project, rows, 'Changed')
    const second = await observe(project, sandbox)
    const third = await observe(project, sandbox)
    // A tracking property makes creates safe to repeat, and nothing else different.
    expect({ first, second, third }).toEqual(expected[name.replace(', tracked', '')])
    const { row_key: tracked } =
      sandbox.record('contacts', await recordOf('absent'))?.properties ?? {}
    const isTracked = mode !== 'update' && 'keys' in kinds[kind]
    expect(tracked).toBe(isTracked ? 'absent' : undefined)
  })
})

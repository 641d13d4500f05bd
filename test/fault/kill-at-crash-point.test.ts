import { describe, expect, test } from 'vitest'
import { type CrashPoint, crashPoints } from '../../src/run/context.ts'
import { whyNoPostgres } from '../support/postgres.ts'
import type { TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { KillRounds } from './kill-rounds.ts'
import { createPeople, engines, expectNothingToDo, peopleSync } from './people-project.ts'
import { isSoak } from './soak.ts'

const missing = whyNoPostgres()
const modes = ['upsert', 'update', 'insert'] as const
const places = engines.flatMap((engine) => modes.map((mode) => ({ engine, mode })))
// What is left out here is killed at random moments, and by `npm run test:soak`.
const chosen = places.filter(
  ({ engine, mode }) => isSoak || mode === 'upsert' || (mode === 'insert' && engine === 'duckdb'),
)
/** Kills in a row before a run is left alone: each start after the first has to recover what the last one left. */
const killsInARow = isSoak ? [1, 2, 3] : [3]
// `made-again` needs a record that vanished: see vanished-records.test.ts; `slice-merged` many rows: large-recovery.test.ts;
// `removals-held` rows that leave: rows-that-leave.test.ts; `known-found` another match property: rematch.test.ts;
// `events-resolved` events: events.test.ts; `links-resolved` links: links.test.ts; `list-made` and `members-resolved` lists: lists.test.ts.
const elsewhere: readonly string[] = [
  'made-again',
  'slice-merged',
  'removals-held',
  'known-found',
  'events-resolved',
  'links-resolved',
  'list-made',
  'members-resolved',
]
const points = crashPoints.filter((name) => !elsewhere.includes(name))

const templatedProperties = {
  firstname: 'first_name',
  jobtitle: { template: '${ row.nickname }' },
  annualrevenue: 'revenue',
}

/** One of the properties is made by a template, so that its steps are passed, too. */
const templatedSync = (mode: (typeof modes)[number]) =>
  peopleSync(mode, { properties: templatedProperties })

const killAt = (point: CrashPoint) => async (project: TestProject) => {
  const killed = await project.run(['run'], { BACKHAUL_CRASH_AT: point })
  expect(killed.signal, `${point} was not passed:\n${killed.stderr}`).toBe('SIGKILL')
}

test.each(engines)(
  'runs that look records up before they create them are completed after a kill at any named point (%s)',
  { timeout: 400_000 },
  async (engine) => {
    if (engine === 'postgres' && missing !== undefined) return
    const sandbox = await strictSandbox({ tier: 'unlimited' })
    const properties = {
      ...templatedProperties,
      lifecyclestage: { value: 'lead', write: 'create_only' },
      city: { column: 'first_name', write: 'if_empty' },
    }
    const project = await createPeople(engine, sandbox, peopleSync('upsert', { properties }))
    const rounds = new KillRounds(project, sandbox, 'upsert', 23)
    for (let from = 0; from < points.length; from += 5) {
      await rounds.play(points.slice(from, from + 5).map(killAt))
    }
    const stages = sandbox.records('contacts').map((record) => record.properties['lifecyclestage'])
    expect(new Set(stages)).toEqual(new Set(['lead']))
    await expectNothingToDo(project, sandbox)
  },
)

describe.each(chosen)('on $engine in mode $mode', ({ engine, mode }) => {
  test.skipIf(engine === 'postgres' && missing !== undefined)(
    'runs that are killed at any named point are completed by the next, whatever happened to the model meanwhile',
    { timeout: isSoak ? 1_200_000 : 400_000 },
    async () => {
      const sandbox = await strictSandbox({ tier: 'unlimited' })
      const project = await createPeople(engine, sandbox, templatedSync(mode))
      const rounds = new KillRounds(project, sandbox, mode, 11)
      for (const row of killsInARow) {
        for (let from = 0; from < points.length; from += row) {
          await rounds.play(points.slice(from, from + row).map(killAt))
        }
      }
      await expectNothingToDo(project, sandbox)
    },
  )
})

import { describe, expect, test } from 'vitest'
import { expectExit } from '../fault/people-project.ts'
import {
  engines,
  eventsProject,
  fullName,
  isMissing,
  jobDone,
  jobs,
  setJobs,
  together,
} from '../support/events-project.ts'

describe.each(engines)('on %s', (engine) => {
  const here = test.skipIf(isMissing(engine))

  here(
    '1,000 events of contacts of another sync are two calls; the second run makes none',
    async () => {
      const people = {
        model: 'people',
        hubspot: {
          sync: 'contacts',
          object: 'contacts',
          primary_key: 'id',
          match: { email: 'email' },
        },
      }
      const { sandbox, project } = await eventsProject(engine, [
        people,
        jobs({ contact: { sync: 'contacts', key: 'customer' } }),
      ])
      await project.sql(
        "create table people as select 1 as id, 'a@shop.example' as email union all select 2, 'b@shop.example'",
      )
      await setJobs(
        project,
        Array.from({ length: 1000 }, (_, id) => ({
          id,
          customer: 1 + (id % 2),
          at: '2026-01-02 03:04:05',
          quantity: id,
          plan: 'gold',
        })),
      )
      const plan = await project.run(['plan', '--output', 'json'])
      expectExit(plan, 0)
      const plans = plan.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(plans.find(({ sync, kind }) => kind === 'plan' && sync === 'jobs')).toMatchObject({
        type: 'event',
        operations: { send: 1000 },
        calls: { writes: 2, lookups: 0 },
      })
      expectExit(await project.run(['run']), 0)
      expect(sandbox.counts().byOperation['events.send.batch']).toBe(2)
      expect(sandbox.counts().byOperation['objects.batch.read']).toBeUndefined()
      expect(sandbox.events()).toHaveLength(1000)
      expect(sandbox.events()[3]).toMatchObject({
        eventName: fullName,
        occurredAt: '2026-01-02T03:04:05.000Z',
      })
      const [first, second] = sandbox.records('contacts').map(({ id }) => id)
      expect(new Set(sandbox.events().map(({ objectId }) => objectId))).toEqual(
        new Set([first, second]),
      )
      expect(new Set(sandbox.events().map(({ uuid }) => uuid)).size).toBe(1000)
      const [run] = await project.rows("select * from runs where sync_name = 'jobs'")
      expect(run).toMatchObject({
        planned_creates: 1000,
        rows_created: 1000,
        calls_planned: 2,
        calls_made: 2,
        status: 'succeeded',
      })
      await project.sql('update jobs set quantity = quantity + 1')
      const again = await project.run(['run'])
      expectExit(again, 0)
      expect(sandbox.counts().byOperation['events.send.batch']).toBe(2)
      expect(sandbox.events()).toHaveLength(1000)
    },
  )

  here('by e-mail address, unknown contacts are looked up and rejected, or made', async () => {
    const { sandbox, project } = await eventsProject(engine, [jobs()], ['a@shop.example'])
    await setJobs(project, [
      { id: 1, email: ' A@Shop.example ', quantity: 1 },
      { id: 2, email: 'new@shop.example', quantity: 2 },
      { id: 3, email: 'new@shop.example', quantity: 2 },
      { id: 4, email: null },
      { id: 5, email: 'nobody' },
      { id: 6, email: 'a@shop.example', plan: 'Gold' },
      { id: 7, email: 'a@shop.example', note: 'x'.repeat(257) },
    ])
    const plan = await project.run(['plan'])
    expect(plan.stdout).toContain('3 send, 4 rejected')
    expect(plan.stdout).toContain('1 write call at most, 1 look-up call before')
    expectExit(await project.run(['run']), 1)
    expect(sandbox.events()).toMatchObject([{ objectId: '1001', properties: { quantity: '1' } }])
    expect(sandbox.countRecords('contacts')).toBe(1)
    const changes = await project.rows(
      'select row_id, operation, outcome, error_category from changes order by row_id',
    )
    expect(changes.map(({ outcome, error_category }) => [outcome, error_category])).toEqual([
      ['succeeded', null],
      ['rejected', 'UNKNOWN_CONTACT'],
      ['rejected', 'UNKNOWN_CONTACT'],
      ['rejected', 'MISSING_CONTACT'],
      ['rejected', 'NO_EMAIL'],
      ['rejected', 'INVALID_VALUE'],
      ['rejected', 'INVALID_VALUE'],
    ])
    project.setSyncs([jobs({ on_missing_contact: 'create' })])
    expectExit(await project.run(['run']), 1)
    expect(sandbox.countRecords('contacts')).toBe(2)
    expect(sandbox.events()).toHaveLength(3)
  })

  here('contacts by record id and user token, and records of other objects', async () => {
    const { sandbox, project } = await eventsProject(
      engine,
      [jobs({ contact: { id: 'record' } })],
      ['a@shop.example'],
    )
    sandbox.defineEvents([{ ...jobDone, name: 'deal_done', primaryObject: 'DEAL' }])
    const [deal = ''] = sandbox.seedRecords('deals', [{ dealname: 'D' }])
    await setJobs(project, [
      { id: 1, record: '1001' },
      { id: 2, record: '404' },
      { id: 3, record: 'x1' },
    ])
    expectExit(await project.run(['run']), 1)
    expect(sandbox.events()).toMatchObject([{ objectId: '1001' }])
    project.setSyncs([
      together(
        jobs({ contact: { id: 'record' } }),
        jobs({
          sync: 'deals',
          event: 'deal_done',
          contact: undefined,
          record: { object: 'deals', id: 'record' },
        }),
        jobs({ sync: 'visits', contact: { utk: 'utk' } }),
      ),
    ])
    await setJobs(project, [{ id: 1, record: deal, utk: 'token' }])
    expectExit(await project.run(['run', '--select', 'deals', 'visits']), 0)
    expect(sandbox.events().slice(1)).toMatchObject([
      { eventName: 'pe4242424_deal_done', objectId: deal },
      { utk: 'token' },
    ])
    project.setSyncs([jobs({ sync: 'wrong', event: 'deal_done' })])
    const wrong = await project.run(['validate'])
    expectExit(wrong, 1)
    expect(wrong.stdout).toContain(
      'pe4242424_deal_done is about records of type 0-3, not about contacts',
    )
  })
})

import { describe, expect, onTestFinished, test } from 'vitest'
import { type Ledger, named, sharedTable } from '../../src/record/ledger.ts'
import { ensureSchema } from '../../src/record/schema/ensure-tables.ts'
import { collectReport, hasAudit } from '../../src/report/collect.ts'
import { payloadText } from '../../src/report/payload-lines.ts'
import { raw, sql } from '../../src/warehouse/sql.ts'
import { wholePayload } from '../support/report-payload.ts'
import { type TestEngine, testEngines } from '../support/warehouses.ts'

const facts = {
  generatedAt: '2026-11-26T12:00:00.000Z',
  since: '2026-11-01T12:00:00.000Z',
  backhaulVersion: 'test',
  targetName: 'dev',
  warehouse: 'test',
  syncs: [],
  limit: null,
  days: 7,
  maxChanges: 100,
  syncNames: undefined,
  showing: { values: 'full' as const, scrub: () => '…' },
  keptRequests: 'full' as const,
  describe: (category: string) => ({ meaning: category.toLowerCase(), advice: 'Mend it.' }),
}

async function openLedger(engine: TestEngine): Promise<Ledger> {
  const place = await engine.create()
  onTestFinished(() => place.close())
  const warehouse = await place.open()
  return {
    warehouse,
    location: { database: warehouse.stateDatabase, schema: place.schema },
    version: 'test',
  }
}

/** Three runs: one long ago, and of two others one with links and with bodies. */
async function fill(ledger: Ledger): Promise<void> {
  await ensureSchema(ledger)
  const { dialect } = ledger.warehouse
  const table = (name: 'runs' | 'changes' | 'requests') => named(ledger, sharedTable(ledger, name))
  const ago = (days: number) => dialect.addSeconds(dialect.now(), -days * 86_400)
  const run = (id: string, sync: string, days: number) =>
    ledger.warehouse.execute(
      sql`insert into ${table('runs')} (run_id, invocation_id, sync_name, portal_id, is_limited, status, rows_created, rows_rejected, calls_planned, calls_made, started_at, finished_at)
values (${id}, ${`inv-${id}`}, ${sync}, '4242', ${raw('1 = 0')}, 'partial', 1, 2, 3, 4, ${ago(days)}, ${ago(days)})`,
    )
  await run('run-1', 'contacts', 20)
  await run('run-2', 'contacts', 2)
  await run('run-3', 'firms', 1)
  const change = (
    runId: string,
    sync: string,
    seq: number,
    row: string | null,
    outcome: string,
    rest: Readonly<Record<string, string | null>> = {},
  ) => {
    const names = Object.keys(rest)
    const more = names.map((name) => sql`, ${rest[name] ?? null}`)
    const values = more.reduce((one, next) => sql`${one}${next}`, raw(''))
    return ledger.warehouse.execute(
      sql`insert into ${table('changes')} (run_id, sync_name, seq, row_id, operation, outcome, recorded_at${raw(names.map((name) => `, ${name}`).join(''))})
values (${runId}, ${sync}, ${seq}, ${row}, 'upsert', ${outcome}, ${ago(1)}${values})`,
    )
  }
  await change('run-1', 'contacts', 1, 'old', 'succeeded')
  await change('run-2', 'contacts', 1, '1', 'succeeded', {
    changed_properties: '["city","firstname"]',
    old_values: '{"firstname":"Ada"}',
    new_values: '{"city":"","firstname":"O\'Ada"}',
    record_id: '501',
    request_id: 'call-1',
  })
  const invalid = { error_category: 'INVALID_VALUE', error_property: 'city' }
  await change('run-2', 'contacts', 2, '2', 'rejected', { ...invalid, error_message: 'b is bad' })
  await change('run-2', 'contacts', 3, '3', 'rejected', { ...invalid, error_message: 'a is bad' })
  await change('run-2', 'contacts', 4, null, 'rejected', { error_category: 'MISSING_KEY' })
  await change('run-3', 'firms', 1, '9', 'succeeded', {
    association: 'contacts/sync:owner',
    target_key: '1',
    target_record_id: '501',
    labels: '[]',
    old_values: '{"labels":[]}',
  })
  await change('run-3', 'firms', 2, '8', 'left', { error_category: 'taken_over' })
  const request = (id: string, runId: string | null, days: number, body: string | null) =>
    ledger.warehouse.execute(
      sql`insert into ${table('requests')} (request_id, invocation_id, run_id, method, path, status_code, attempt, batch_size, duration_ms, request_body, started_at)
values (${id}, 'inv-run-2', ${runId}, 'POST', '/crm', 200, 1, 2, 30, ${body}, ${ago(days)})`,
    )
  await request('call-0', 'run-1', 20, null)
  await request('call-1', 'run-2', 2, `{"x":"${'y'.repeat(30_000)}"}`)
  await request('call-2', null, 1, null)
}

const collected = async (ledger: Ledger, differing: Partial<typeof facts> | object = {}) =>
  wholePayload([...payloadText(await collectReport(ledger, { ...facts, ...differing }))].join(''))

describe.each(testEngines())('the report on $name', (engine) => {
  test.skipIf(engine.missing !== undefined)('holds what the audit has', async () => {
    const ledger = await openLedger(engine)
    expect(await hasAudit(ledger)).toBe(false)
    await fill(ledger)
    expect(await hasAudit(ledger)).toBe(true)
    const report = await collected(ledger)
    expect(report.runs.map(({ runId }) => runId)).toEqual(['run-3', 'run-2'])
    expect(report.runs[1]).toMatchObject({
      counts: { created: 1, rejected: 2 },
      callsPlanned: 3,
      callsMade: 4,
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(report.portalId).toBe('4242')
    expect(report.totals).toEqual({ runs: 2, changes: 6, requests: 2 })
    expect(report.changes.rowId).toEqual(['9', '8', '1', '2', '3', ''])
    expect(report.changes.run).toEqual([0, 0, 1, 1, 1, 1])
    expect(report.changes.values[2]).toEqual({ city: [null, ''], firstname: ['Ada', "O'Ada"] })
    expect(report.changes.values[0]).toEqual({})
    expect(report.changes.link[0]).toEqual({
      association: 'contacts/sync:owner',
      target: '1',
      targetRecordId: '501',
      labels: '[]',
    })
    expect(report.problems).toEqual([
      {
        sync: 'contacts',
        category: 'INVALID_VALUE',
        property: 'city',
        rows: 2,
        message: 'a is bad',
        advice: 'Invalid_value. Mend it.',
        lastRunId: 'run-2',
      },
      expect.objectContaining({ category: 'MISSING_KEY', rows: 1, property: null }),
    ])
    expect(report.changes.problem).toEqual([null, null, null, 0, 0, 1])
    expect(report.changes.message.slice(3, 5)).toEqual(['b is bad', null])
    expect(report.requests.map(({ requestId }) => requestId)).toEqual(['call-2', 'call-1'])
    const body = report.requests[1]?.requestBody ?? ''
    expect([body.length, body.at(-1)]).toEqual([20_001, '…'])

    const few = await collected(ledger, { maxChanges: 2 })
    expect(few.changes.rowId).toEqual(['9', '8'])
    expect(few.totals.changes).toBe(6)

    const contacts = await collected(ledger, {
      syncNames: ['contacts'],
      showing: { values: 'none', scrub: () => '…' },
    })
    expect(contacts.runs.map(({ runId }) => runId)).toEqual(['run-2'])
    expect(contacts.requests.map(({ requestId }) => requestId)).toEqual(['call-2', 'call-1'])
    expect(contacts.changes.values[0]).toEqual({ city: [null, null], firstname: [null, null] })
    expect(contacts.problems[0]?.message).toBe('…')
    expect(JSON.stringify(contacts)).not.toMatch(/Ada|yyy| is bad/)
  })
})

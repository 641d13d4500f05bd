import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AlertChange } from '../../src/alert/decide.ts'
import {
  claimAlerts,
  readAlertStates,
  readLastThrough,
  settleAlerts,
} from '../../src/record/alert-states.ts'
import { type Ledger, named, sharedTable } from '../../src/record/ledger.ts'
import { ensureSchema } from '../../src/record/schema/ensure-tables.ts'
import { sql } from '../../src/warehouse/sql.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { type TestEngine, type TestPlace, testEngines } from '../support/warehouses.ts'

const words = { title: 'contacts failed', what: [], steps: [], command: null, runId: null }
const failure: AlertChange = {
  dedupKey: 'backhaul/shop/prod/team/contacts/failure',
  alert: 'team',
  sync: 'contacts',
  trouble: 'failure',
  status: 'open',
  words,
}

const claimOf = (holder: string) => ({
  targetName: 'prod',
  holder,
  toldAlready: new Map(),
  pause: () => delay(500 * Math.random()),
})

async function openPlace(engine: TestEngine): Promise<TestPlace> {
  const place = await engine.create()
  onTestFinished(() => place.close())
  await ensureSchema(ledgerOf(await place.open(), place))
  return place
}

const ledgerOf = (warehouse: Warehouse, { schema }: TestPlace): Ledger => ({
  warehouse,
  location: { database: warehouse.stateDatabase, schema },
  version: 'test',
})

/** The same session; something happens each time when a claim was entered. */
const meeting = (warehouse: Warehouse, happens: () => Promise<void>): Warehouse => {
  const execute: Warehouse['execute'] = async (statement) => {
    const count = await warehouse.execute(statement)
    if (statement.text.startsWith('merge')) await happens()
    return count
  }
  return new Proxy(warehouse, {
    get(target, name) {
      if (name === 'execute') return execute
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

for (const engine of testEngines()) {
  describe.skipIf(engine.missing !== undefined)(`claims of alerts on ${engine.name}`, () => {
    test.skipIf(engine.name === 'duckdb')(
      'of sessions that claim for the first time at once, one tells',
      async () => {
        const place = await openPlace(engine)
        const holders = ['a', 'b', 'c', 'd']
        const sessions = await Promise.all(holders.map(() => place.open()))
        const claimed = await Promise.all(
          sessions.map((session, index) =>
            claimAlerts(ledgerOf(session, place), [failure], claimOf(holders[index] ?? '')),
          ),
        )
        expect(claimed.flat()).toHaveLength(1)
        const [state] = claimed.flat()
        expect(state).toMatchObject({ status: 'open', told: null })
      },
    )

    test('how long ago a run got through is told by the clock that runs are written with', async () => {
      const place = await openPlace(engine)
      const ledger = ledgerOf(await place.open(), place)
      const runs = named(ledger, sharedTable(ledger, 'runs'))
      const { dialect } = ledger.warehouse
      const then = dialect.addSeconds(dialect.now(), -3_600)
      expect(await readLastThrough(ledger)).toEqual({ through: new Map(), nowMs: undefined })
      await ledger.warehouse.execute(
        sql`insert into ${runs} (run_id, sync_name, status, started_at, finished_at) values ('1', 'contacts', 'succeeded', ${then}, ${then})`,
      )
      const { through, nowMs = 0 } = await readLastThrough(ledger)
      const { atMs = 0, hasGotThrough } = through.get('contacts') ?? {}
      expect([hasGotThrough, Math.round((nowMs - atMs) / 600_000)]).toEqual([true, 6])
    })

    test('who dies before it told leaves it to others, as soon as its claim is over', async () => {
      const place = await openPlace(engine)
      const ledger = ledgerOf(await place.open(), place)
      const table = named(ledger, sharedTable(ledger, 'alerts'))
      expect(await claimAlerts(ledger, [failure], claimOf('dead'))).toHaveLength(1)
      expect(await claimAlerts(ledger, [failure], claimOf('next'))).toEqual([])
      await ledger.warehouse.execute(
        sql`update ${table} set claimed_until = updated_at where 1 = 1`,
      )
      const taken = await claimAlerts(ledger, [failure], claimOf('next'))
      expect(taken).toMatchObject([{ status: 'open', told: null }])
      // The dead was only slow: what it told by then is no business of whoever took over.
      await settleAlerts(ledger, 'dead', [{ dedupKey: failure.dedupKey }])
      expect(await readAlertStates(ledger, 'prod')).toMatchObject([{ told: null }])
      await settleAlerts(ledger, 'next', [{ dedupKey: failure.dedupKey }])
      expect(await readAlertStates(ledger, 'prod')).toMatchObject([{ told: 'open' }])
    })

    test.skipIf(engine.dialect.capabilities.enforcesKeys)(
      'who sees another that came at the same moment takes its claim back',
      async () => {
        const place = await openPlace(engine)
        const warehouse = await place.open()
        const ledger = ledgerOf(warehouse, place)
        const table = named(ledger, sharedTable(ledger, 'alerts'))
        const rival = sql`insert into ${table} (dedup_key, alert_name, target_name, sync_name, trouble, status, message, told_status, attempts, claimed_by, claimed_until)
select dedup_key, alert_name, target_name, sync_name, trouble, status, message, told_status, attempts, 'rival', claimed_until from ${table} where claimed_by = 'us'`
        let meetings = 0
        const enters = meeting(warehouse, async () => {
          if (meetings++ === 0) await warehouse.execute(rival)
        })
        expect(await claimAlerts(ledgerOf(enters, place), [failure], claimOf('us'))).toEqual([])
        expect(await warehouse.query(sql`select claimed_by from ${table}`)).toEqual([
          { claimed_by: 'rival' },
        ])
        // It is told by then.
        await settleAlerts(ledger, 'rival', [{ dedupKey: failure.dedupKey }])
        expect(await claimAlerts(ledger, [failure], claimOf('late'))).toMatchObject([
          { told: 'open' },
        ])
        expect(await readAlertStates(ledger, 'prod')).toHaveLength(1)
      },
    )

    test.skipIf(engine.dialect.capabilities.enforcesKeys)(
      'when both take theirs back, the next attempt has one',
      async () => {
        const place = await openPlace(engine)
        const warehouse = await place.open()
        const ledger = ledgerOf(warehouse, place)
        const table = named(ledger, sharedTable(ledger, 'alerts'))
        let meetings = 0
        const meets = meeting(warehouse, async () => {
          if (meetings++ > 0) return
          await warehouse.execute(
            sql`insert into ${table} (dedup_key, alert_name, target_name, status, message, attempts, claimed_by) values (${failure.dedupKey}, 'team', 'prod', 'open', '{}', 0, 'rival')`,
          )
        })
        const pause = async () => {
          await warehouse.execute(sql`delete from ${table} where claimed_by = 'rival'`)
        }
        const claimed = await claimAlerts(ledgerOf(meets, place), [failure], {
          ...claimOf('us'),
          pause,
        })
        expect(claimed).toMatchObject([{ dedupKey: failure.dedupKey, status: 'open' }])
        expect(await readAlertStates(ledger, 'prod')).toHaveLength(1)
      },
    )
  })
}

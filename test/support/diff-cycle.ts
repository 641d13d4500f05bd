import type { FindRequest, FoundRecord } from '../../src/destination/destination.ts'
import { lostKeyMark } from '../../src/plan/diff/departed.ts'
import { modelMatches } from '../../src/plan/diff/model-keys.ts'
import { diffModel } from '../../src/plan/diff-model.ts'
import { type DiffSpec, doubt } from '../../src/plan/diff-spec.ts'
import type { Diff } from '../../src/plan/plan.ts'
import { adoptRows, keepAdopted } from '../../src/record/adopt-rows.ts'
import { openWindow, type StoredResult, storeResults } from '../../src/record/checkpoint.ts'
import { completePlan } from '../../src/record/complete-plan.ts'
import { holdRemovals } from '../../src/record/hold-removals.ts'
import { type Ledger, named, planOf, resolutionsOf, stateOf } from '../../src/record/ledger.ts'
import { readDoubtful } from '../../src/record/leftovers.ts'
import { mergeRun } from '../../src/record/merge-run.ts'
import {
  isUnresolved,
  type PlannedOperation,
  readUnresolved,
  readWindow,
} from '../../src/record/plan-rows.ts'
import { rekey } from '../../src/record/rekey.ts'
import {
  knownRowsStatement,
  readKnownRows,
  recordRematch,
  settleFound,
  storeFound,
} from '../../src/record/rematch.ts'
import { startRun, updateRun } from '../../src/record/runs.ts'
import { ensureSchema, ensureSyncTables } from '../../src/record/schema/ensure-tables.ts'
import { adoptValues } from '../../src/resolve/adopt-values.ts'
import { findMatches } from '../../src/resolve/matches.ts'
import { settle } from '../../src/resolve/settle.ts'
import type { OnDelete } from '../../src/types.ts'
import { sql } from '../../src/warehouse/sql.ts'
import { diffSpec, propertyOf } from './diff-spec.ts'
import { tableStatements } from './engine-words.ts'
import type { TestEngine } from './warehouses.ts'

/** A row of the little model that the cycle syncs. */
export interface ModelRow {
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly score: number | null
}

/**
 * What happens to one operation. The last three leave no result behind, as a kill does: written, or not written;
 * `doubt-*` is an answer that was lost while the process went on.
 */
export type Fate =
  | 'ok'
  | 'refused'
  | 'not-sent'
  | 'doubt-written'
  | 'doubt-unwritten'
  | 'killed-written'
  | 'killed-unwritten'

/** HubSpot as far as the cycle needs it: contacts by id, found by e-mail without case. */
export class Portal {
  readonly records = new Map<string, Record<string, string>>()
  /** Secondary e-mail addresses, and whose they are. */
  readonly secondary = new Map<string, string>()
  #next = 1

  find(email: string): string | undefined {
    const wanted = email.toLowerCase()
    const own = [...this.records].find(([, record]) => record['email']?.toLowerCase() === wanted)
    return own?.[0] ?? this.secondary.get(wanted)
  }

  write(operation: PlannedOperation): { id: string; isCreated: boolean } {
    if (operation.kind === 'archive') {
      const { recordId = '' } = operation
      this.records.delete(recordId)
      return { id: recordId, isCreated: false }
    }
    const known = operation.recordId ?? this.find(operation.matchValue ?? '')
    const id = known ?? String(this.#next++)
    const record = { ...this.records.get(id), ...operation.properties }
    this.records.set(id, record)
    return { id, isCreated: known === undefined }
  }

  readonly answer = async (request: FindRequest): Promise<readonly FoundRecord[]> =>
    request.values.flatMap((value) => {
      const recordId = this.find(value)
      if (recordId === undefined) return []
      return [{ recordId, value, properties: this.records.get(recordId) ?? {}, createdAtMs: 0 }]
    })
}

const syncName = 'contacts'
const merge = {
  syncName,
  properties: ['email', 'firstname', 'score'],
  doubt,
  maxAttempts: 99,
  mode: 'upsert',
  isLimited: false,
  auditValues: 'full',
} as const

/** Runs syncs of a little model on an engine: everything but HTTP is the product's code. */
export async function openCycle(
  portal: Portal,
  engine: TestEngine,
  {
    sliceRows,
    onDelete = 'nothing',
  }: { readonly sliceRows?: number; readonly onDelete?: OnDelete } = {},
) {
  const place = await engine.create()
  const build = (rows: readonly ModelRow[]) =>
    place.build(
      ...tableStatements(
        engine.name,
        {
          name: 'contacts',
          columns: { id: 'text', email: 'text', name: 'text', score: 'float' },
          rows: rows.map(({ id, email, name, score }) => [id, email, name, score]),
        },
        (identifier) => engine.dialect.quote(identifier),
      ),
    )
  await build([])
  const warehouse = await place.open()
  if (sliceRows !== undefined) {
    const { dialect } = warehouse
    const capabilities = { ...dialect.capabilities, sliceRows }
    Object.defineProperty(warehouse, 'dialect', { value: { ...dialect, capabilities } })
  }
  const location = { database: warehouse.stateDatabase, schema: place.schema }
  const ledger: Ledger = { warehouse, location, version: 'test' }
  await ensureSchema(ledger)
  await ensureSyncTables(ledger, syncName)
  const relation = place.relation('contacts')
  const columns = new Map(
    ((await warehouse.columns(relation)) ?? []).map((column) => [
      column.name.toLowerCase(),
      column,
    ]),
  )
  const column = (name: string) => columns.get(name) ?? { name, type: '', family: 'other' as const }
  let runs = 0

  const specOf = (runId: string, seed: string) =>
    diffSpec({
      relation,
      runId,
      seed,
      keyColumns: [column('id')],
      match: {
        by: 'unique',
        property: 'email',
        column: column('email'),
        wire: { kind: 'text' },
        foldsCase: true,
      },
      properties: [
        propertyOf('email', column('email'), 'text', { nulls: 'keep' }),
        propertyOf('firstname', column('name'), 'text', { isClearable: true }),
        propertyOf('score', column('score'), 'number', { isClearable: true }),
      ],
      onDelete,
      // Of a record whose answer was lost nobody knows who made it.
      deletesAdopted: true,
      state: stateOf(ledger, syncName),
      plan: planOf(ledger, syncName),
    })

  const start = async (seed: string, parts: Partial<DiffSpec> = {}) => {
    runs += 1
    const runId = `run-${String(runs).padStart(4, '0')}`
    await startRun(ledger, {
      runId,
      invocationId: 'test',
      dbtInvocationId: null,
      syncName,
      modelId: 'model.shop.contacts',
      targetName: 'dev',
      portalId: '1',
      objectType: '0-1',
      mode: 'upsert',
      isLimited: false,
    })
    const diff = await diffModel(warehouse, { ...specOf(runId, seed), ...parts }, 100)
    await updateRun(ledger, runId, { status: 'running' })
    return { runId, diff }
  }

  return {
    ledger,
    /** Replaces the model. */
    setModel: build,
    /** What a run would plan, by a session that may create no table. */
    count(seed = 'seed'): Promise<Diff> {
      const { plan: _, ...spec } = specOf('count', seed)
      return diffModel(warehouse, spec, 100)
    },
    /** The rows of the state, by record id. */
    async keys(): Promise<ReadonlyMap<string, string>> {
      const state = named(ledger, stateOf(ledger, syncName))
      const rows = await warehouse.query(sql`select row_id, record_id from ${state}`)
      return new Map(rows.map((row) => [String(row['record_id']), String(row['row_id'])]))
    },
    /** The properties of each row whose value is in doubt. */
    async inDoubt(): Promise<Readonly<Record<string, readonly string[]>>> {
      const state = named(ledger, stateOf(ledger, syncName))
      const rows = await warehouse.query(sql`select row_id, sent_values from ${state}`)
      return Object.fromEntries(
        rows.map((row) => {
          const sent = JSON.parse(String(row['sent_values'] ?? '{}'))
          return [String(row['row_id']), Object.keys(sent).filter((name) => sent[name] === doubt)]
        }),
      )
    },
    /** Makes another column of the model the key. */
    rekey(columnName: string) {
      const { plan: _, ...spec } = specOf('rekey', 'seed')
      const keys = modelMatches(warehouse.dialect, { ...spec, keyColumns: [column(columnName)] })
      return warehouse.withSnapshot(() =>
        rekey(ledger, {
          syncName,
          runId: 'rekey',
          primaryKey: [columnName],
          keys,
          lostMark: lostKeyMark,
        }),
      )
    },
    /** Matches by another column of the model; `recordOf` says what HubSpot finds. */
    async rematch(columnName: string, recordOf: (value: string) => string | undefined) {
      const tables = {
        runId: 'rematch',
        state: stateOf(ledger, syncName),
        plan: planOf(ledger, syncName),
        resolutions: resolutionsOf(ledger, syncName),
      }
      const spec = specOf('rematch', 'seed')
      const keys = modelMatches(warehouse.dialect, {
        ...spec,
        ...(spec.match === undefined
          ? {}
          : { match: { ...spec.match, column: column(columnName) } }),
      })
      await warehouse.withSnapshot(() =>
        warehouse.execute(knownRowsStatement(warehouse.dialect, tables, keys)),
      )
      for await (const rows of readKnownRows(ledger, tables)) {
        const found = rows.flatMap(({ sequence, matchValue }) => {
          const recordId = recordOf(matchValue)
          return recordId === undefined ? [] : [{ sequence, recordId }]
        })
        await storeFound(ledger, tables, found)
      }
      const settled = await settleFound(ledger, tables)
      await recordRematch(ledger, tables, { syncName, matchProperty: columnName })
      return settled
    },
    /** Takes the records that are there for those of the rows. */
    async adopt() {
      const { runId, diff } = await start('seed', { isAdoption: true })
      const rows = await readUnresolved(ledger, syncName, runId, {
        condition: isUnresolved(true),
        hasTexts: false,
        after: 0,
        limit: 1000,
      })
      const matches = await findMatches(rows, target, [], portal.answer)
      const askedAt = '2026-01-01T00:00:00.000Z'
      await completePlan(
        ledger,
        syncName,
        runId,
        matches.map(({ sequence, found }) => ({
          sequence,
          recordIds: found === undefined ? [] : [found.recordId],
          askedAt,
        })),
      )
      const adopted = matches.flatMap(({ sequence, found }, index) =>
        found === undefined
          ? []
          : [
              {
                sequence,
                recordId: found.recordId,
                ...adoptValues(rows[index]?.newValues ?? {}, found.properties, compared),
              },
            ],
      )
      await adoptRows(ledger, syncName, runId, adopted)
      const kept = await keepAdopted(ledger, syncName, runId)
      await mergeRun(ledger, { ...merge, runId }, () => ({ status: 'succeeded', facts: {} }))
      return { sought: diff.operations.upsert, ...kept }
    },
    /** One run; `fate` decides operation by operation. A kill is followed by the next start's recovery. */
    async run(fate: (operation: PlannedOperation) => Fate, seed = 'seed'): Promise<Diff> {
      const { runId, diff } = await start(seed)
      for (const kind of ['update', 'upsert', 'clear', 'archive'] as const) {
        if (kind === 'clear') await holdRemovals(ledger, syncName, runId, [])
        const operations = await readWindow(ledger, syncName, runId, kind, 0, 1000)
        const [first, last] = [operations[0], operations.at(-1)]
        if (first === undefined || last === undefined) continue
        await openWindow(ledger, runId, {
          kind: first.kind,
          fromSeq: first.sequence,
          toSeq: last.sequence,
        })
        const results = operations.flatMap((operation) => carryOut(portal, operation, fate))
        const doubtful = results.filter((result) => result.outcome === 'unknown')
        const looked = operations.filter((operation) =>
          doubtful.some((result) => result.sequence === operation.sequence),
        )
        const settled = await settle(looked, target, portal.answer, 'upsert')
        await storeResults(ledger, syncName, runId, [
          ...results.filter((result) => result.outcome !== 'unknown'),
          ...settled,
        ])
      }
      const killed = await readDoubtful(ledger, syncName, runId)
      await storeResults(
        ledger,
        syncName,
        runId,
        await settle(killed, target, portal.answer, 'upsert'),
      )
      await mergeRun(ledger, { ...merge, runId }, () => ({
        status: 'succeeded',
        facts: {},
      }))
      return diff
    },
    close: () => place.close(),
  }
}

const compared = ['email', 'firstname', 'score'].map((name) => ({
  name,
  type: name === 'score' ? 'number' : 'string',
  isMulti: false,
  foldsCase: name === 'email',
  write: 'always' as const,
}))

const target = { objectType: 'contacts', property: 'email', batchSize: 100 }

function carryOut(
  portal: Portal,
  operation: PlannedOperation,
  fate: (operation: PlannedOperation) => Fate,
): readonly StoredResult[] {
  const { sequence } = operation
  const isBound = operation.kind !== 'upsert'
  switch (fate(operation)) {
    case 'ok': {
      if (operation.kind === 'clear' && !portal.records.has(operation.recordId ?? '')) {
        return [{ sequence, outcome: 'skipped', error: { category: 'RECORD_GONE', message: '' } }]
      }
      const { id, isCreated } = portal.write(operation)
      return [{ sequence, outcome: 'succeeded', recordId: id, isCreated }]
    }
    case 'refused':
      return [
        { sequence, outcome: 'rejected', error: { category: 'VALIDATION_ERROR', message: '' } },
      ]
    case 'not-sent':
      return [{ sequence, outcome: 'pending', isDoubtful: false }]
    case 'doubt-written':
      portal.write(operation)
      return [{ sequence, outcome: isBound ? 'pending' : 'unknown', isDoubtful: true }]
    case 'doubt-unwritten':
      return [{ sequence, outcome: isBound ? 'pending' : 'unknown', isDoubtful: true }]
    case 'killed-written':
      portal.write(operation)
      return []
    case 'killed-unwritten':
      return []
  }
}

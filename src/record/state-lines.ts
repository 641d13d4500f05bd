import { join, raw, type Sql, sql, type Value } from '../warehouse/sql.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { type Identity, pinStatement } from './identity.ts'
import {
  hasTable,
  importTable,
  type Ledger,
  named,
  sharedTable,
  stateOf,
  syncTable,
} from './ledger.ts'
import { ensureSyncTables, makeTable } from './schema/ensure-tables.ts'
import { momentOf } from './status.ts'
import { syncTables } from './tables.ts'

/** Version of the lines. Raised when what they mean changes. */
export const stateLinesVersion = 1

/**
 * The state of syncs as lines of JSON: a header, then per sync its identity, its rows, the operations of unknown rows, and an end
 * that says how many there were. Holds property values, and no secrets.
 */
export type StateLine =
  | {
      readonly kind: 'backhaul-state'
      readonly version: number
      readonly backhaul: string
      readonly exportedAt: string
      /** Fingerprints mean something on this engine only. */
      readonly engine: string
      readonly syncs: readonly string[]
    }
  | (Identity & { readonly kind: 'sync'; readonly firstRunId: string })
  | { readonly kind: 'row'; readonly values: Row }
  | { readonly kind: 'plan'; readonly values: Row }
  | { readonly kind: 'link'; readonly values: Row }
  | {
      readonly kind: 'end'
      readonly syncName: string
      readonly rows: number
      readonly plans: number
      /** Absent in exports of releases without links. */
      readonly links?: number
    }

/** What was pinned, and how many rows the state has and when they were changed last. */
export interface Pin {
  readonly firstRunId: string
  readonly rows: number
  readonly updatedAt: string | null
}

export async function readPin(ledger: Ledger, syncName: string): Promise<Pin> {
  const [pin] = await ledger.warehouse.query(
    sql`select first_run_id from ${named(ledger, sharedTable(ledger, 'syncs'))} where sync_name = ${syncName}`,
  )
  const [last] = await ledger.warehouse.query(
    sql`select count(*) as total, max(updated_at) as updated_at from ${named(ledger, stateOf(ledger, syncName))}`,
  )
  return {
    firstRunId: String(pin?.['first_run_id']),
    rows: Number(last?.['total'] ?? 0),
    updatedAt: momentOf(last?.['updated_at']),
  }
}

/** Tables that are carried over, and the lines of their rows. */
type CarriedTable = 'state' | 'plan' | 'links'
const lineKinds = { state: 'row', plan: 'plan', links: 'link' } as const
const tableKinds = { row: 'state', plan: 'plan', link: 'links' } as const
export type RowLine = keyof typeof tableKinds

const carriedTables = Object.keys(lineKinds) as readonly CarriedTable[]

const columnsOf = (kind: CarriedTable) => syncTables[kind].columns

/** Fingerprints as text: they do not fit into JSON's numbers. */
function selected(ledger: Ledger, kind: CarriedTable): Sql {
  const text = raw(ledger.warehouse.dialect.type('text'))
  return join(
    columnsOf(kind).map((column) =>
      column.kind === 'fingerprint'
        ? sql`cast(${raw(column.name)} as ${text}) as ${raw(column.name)}`
        : raw(column.name),
    ),
  )
}

/** The state of one sync, in chunks; memory does not grow with it. Called under the lease, when no run is open. */
export async function* readStateLines(
  ledger: Ledger,
  identity: Identity,
): AsyncIterable<readonly StateLine[]> {
  const { syncName } = identity
  // Those of an earlier release lack columns until the sync runs.
  await ensureSyncTables(ledger, syncName, false)
  const { firstRunId } = await readPin(ledger, syncName)
  yield [{ kind: 'sync', ...identity, firstRunId }]
  const counts = { state: 0, plan: 0, links: 0 }
  for (const kind of carriedTables) {
    const table = syncTable(ledger, kind, syncName)
    if (kind === 'links' && !(await hasTable(ledger, table))) continue
    const statement = sql`select ${selected(ledger, kind)} from ${named(ledger, table)}`
    for await (const rows of ledger.warehouse.stream(statement)) {
      counts[kind] += rows.length
      yield rows.map((values) => ({ kind: lineKinds[kind], values }))
    }
  }
  yield [{ kind: 'end', syncName, rows: counts.state, plans: counts.plan, links: counts.links }]
}

/** Takes the lines of one sync in. Nothing of it counts before `finish`. */
export interface StateImport {
  add(kind: RowLine, values: Row): Promise<void>
  /** All at once: state, operations of unknown rows, identity. @param check throws when it may not happen any more */
  finish(check: () => void): Promise<{ readonly rows: number; readonly plans: number }>
}

/** Called under the lease, where the sync has no state. Tables of an import that was cut short are made anew. */
export async function openStateImport(
  ledger: Ledger,
  identity: Identity & { readonly firstRunId: string },
  engine: string,
): Promise<StateImport> {
  const { warehouse } = ledger
  const { dialect } = warehouse
  const { syncName } = identity
  const keepsFingerprints = engine === dialect.name
  await ensureSyncTables(ledger, syncName)
  const buffers: Record<CarriedTable, (readonly Value[])[]> = { state: [], plan: [], links: [] }
  const counts = { state: 0, plan: 0, links: 0 }
  for (const kind of carriedTables) {
    const table = importTable(ledger, kind, syncName)
    await warehouse.execute(sql`drop table if exists ${named(ledger, table)}`)
    await makeTable(ledger, table, syncTables[kind])
  }
  const flush = async (kind: CarriedTable) => {
    const rows = buffers[kind].splice(0)
    counts[kind] += rows.length
    const names = columnsOf(kind).map(({ name }) => name)
    await warehouse.upload(importTable(ledger, kind, syncName), names, rows)
  }
  return {
    async add(lineKind, values) {
      const kind = tableKinds[lineKind]
      buffers[kind].push(
        columnsOf(kind).map((column) =>
          column.kind === 'fingerprint' && !keepsFingerprints
            ? null
            : (values[column.name] ?? null),
        ),
      )
      if (buffers[kind].length >= dialect.capabilities.windowRows) await flush(kind)
    },
    async finish(check) {
      for (const kind of carriedTables) await flush(kind)
      check()
      const move = (kind: CarriedTable): readonly Sql[] => {
        const to = named(ledger, syncTable(ledger, kind, syncName))
        const names = raw(
          columnsOf(kind)
            .map(({ name }) => name)
            .join(', '),
        )
        const from = named(ledger, importTable(ledger, kind, syncName))
        return [
          sql`delete from ${to} where 1 = 1`,
          sql`insert into ${to} (${names}) select ${names} from ${from}`,
        ]
      }
      await warehouse.transaction([...carriedTables.flatMap(move), pinStatement(ledger, identity)])
      for (const kind of carriedTables) {
        const table = importTable(ledger, kind, syncName)
        await warehouse.execute(sql`drop table if exists ${named(ledger, table)}`)
      }
      return { rows: counts.state, plans: counts.plan }
    },
  }
}

import { createHash } from 'node:crypto'
import type { Dialect, TableRef } from '../warehouse/dialect.ts'
import { tableName } from '../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import type { Row, Warehouse } from '../warehouse/warehouse.ts'
import { count } from './counts.ts'
import { eventParts } from './diff-spec.ts'
import type { PlannedChange } from './planned-changes.ts'

/** Operations of one kind in a change set, without what they hold. */
export interface OperationDigest {
  readonly operation: PlannedChange['operation']
  readonly rows: number
  /** Equal where the same is done to the same rows and records; says nothing of the order. */
  readonly digest: string
}

/** What was planned for one sync, as counts and digests: enough to tell later whether a run would do the same. Holds no values. */
export interface SealedPlan {
  readonly sync: string
  /** `unique_id` of the model, and the relation that it was read from. */
  readonly model: string
  readonly relation: string
  /** Digest of the sync as it is defined. */
  readonly definition: string
  readonly operations: readonly OperationDigest[]
  /** What is made in HubSpot first: properties, an event, a list. */
  readonly makes: readonly string[]
}

/**
 * Columns of a plan that say what a run does, and from what to what. Not its moments, which differ each time, and not what a reason says in
 * words.
 */
const compared = [
  'row_id',
  'operation',
  'record_id',
  'match_value',
  'changed_properties',
  'dropped_properties',
  'audit_old',
  'reason',
  'reason_detail',
  'association',
  'target_key',
  'target_record_id',
  'labels',
] as const

/** Hexadecimal digits of a digest that are summed up together, and how many such parts there are: 192 bits. */
const partDigits = 12
const parts = [0, 1, 2, 3] as const

/** Where the change set is, and what kind of sync it is of. */
export interface DigestedPlan {
  readonly plan: TableRef
  readonly runId: string
  /** Goes into each digest: without it none can be compared with what somebody guesses. */
  readonly seal: string
  /** Properties of an event: a moment that stands for NULL is another one in each plan, so values are taken one by one. */
  readonly eventProperties?: readonly string[]
}

/**
 * Digests of what is planned, computed in the warehouse. The digest of a set is the sum of the digests of its rows: no row is sorted or fetched.
 * Rows of which only the state is brought up to date are left out: nothing is sent of them.
 */
export function digestStatement(dialect: Dialect, spec: DigestedPlan): Sql {
  const { plan, runId, seal, eventProperties } = spec
  const names = eventProperties?.filter((name) => name !== eventParts.occurredAt)
  const newValues =
    names === undefined
      ? raw('new_values')
      : dialect.jsonObject(
          names.map((name) => ({ name, value: dialect.jsonField(raw('opened'), name) })),
        )
  const digest = dialect.digest(
    dialect.jsonObject([
      { name: 'seal', value: sql`cast(${seal} as ${raw(dialect.type('text'))})` },
      ...compared.map((name) => ({ name, value: raw(name) })),
      { name: 'new_values', value: newValues },
    ]),
  )
  const sums = parts.map((part) => {
    const digits = sql`substr(digest, ${raw(`${part * partDigits + 1}, ${partDigits}`)})`
    return sql`cast(sum(${dialect.hexNumber(digits)}) as ${raw(dialect.type('text'))}) as ${raw(`part_${part}`)}`
  })
  const opened =
    names === undefined ? raw('') : sql`, ${dialect.openJson(raw('new_values'), names)} as opened`
  return sql`select operation, count(*) as total, ${join(sums)}
from (select operation, ${digest} as digest
  from (select ${raw([...compared, 'new_values'].join(', '))}${opened} from ${raw(tableName(dialect, plan))} where run_id = ${runId} and operation <> 'refresh') as planned) as digested
group by operation order by operation`
}

/** What is planned, by operation. */
export async function digestPlan(
  warehouse: Warehouse,
  spec: DigestedPlan,
): Promise<readonly OperationDigest[]> {
  const rows = await warehouse.query(digestStatement(warehouse.dialect, spec))
  return rows.map((row) => ({
    operation: String(row['operation']) as OperationDigest['operation'],
    rows: count(row, 'total'),
    digest: digestOf(row),
  }))
}

const digestOf = (row: Row): string =>
  createHash('sha256')
    .update(parts.map((part) => String(row[`part_${part}`])).join('-'))
    .digest('hex')

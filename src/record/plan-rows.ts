import type { Operation, OperationKind } from '../types.ts'
import { join, raw, type Sql, sql } from '../warehouse/sql.ts'
import { cellText, type Row } from '../warehouse/warehouse.ts'
import { type Ledger, named, planOf, resolutionsOf, resultsOf, stateOf } from './ledger.ts'
import { departures } from './outcomes.ts'

/** A planned operation, with what the follow-ups of sending need. */
export interface PlannedOperation extends Operation {
  /** Of `associate` and `dissociate`. */
  readonly plannedLink?: PlannedLink
  /** Other planned links of the same two records, which go by the same request: what becomes of this one becomes of them. */
  readonly twins?: readonly number[]
  /** Every mapped property after the operation: what a record that vanished is made of again. */
  readonly newValues: Readonly<Record<string, string>>
  /** HubSpot ignores its stage unless that is cleared first; `unknown`: it may. Said where the sync has stages. */
  readonly stepsBack?: true | 'unknown'
}

/** A link as it is planned, before it is known what stands between the two records. */
export interface PlannedLink {
  readonly association: string
  readonly targetKey: string
  readonly targetRecordId: string
  /** Types that it is to have of this sync; of `dissociate` those that this sync set. */
  readonly labels: readonly string[]
  /** It had types of this sync before. */
  readonly hadLabels: boolean
  /** The pair was not linked, as far as is known. */
  readonly isAbsent: boolean
}

/** Columns of the plan that a link is made of. */
const linkColumns = raw(
  'seq, row_id, operation, record_id, absent_at, association, target_key, target_record_id, labels, audit_old',
)

function toLink(row: Row): PlannedLink | undefined {
  const association = cellText(row['association'])
  if (association === null) return undefined
  const old = cellText(row['audit_old'])
  return {
    association,
    targetKey: String(row['target_key']),
    targetRecordId: String(row['target_record_id']),
    labels: jsonTexts(row['labels']),
    hadLabels: old !== null && (JSON.parse(old) as { labels: string[] }).labels.length > 0,
    isAbsent: cellText(row['absent_at']) !== null,
  }
}

const jsonTexts = (cell: unknown): readonly string[] =>
  cell === null || cell === undefined ? [] : (JSON.parse(String(cell)) as string[])

const isLink = (kind: OperationKind): boolean => kind === 'associate' || kind === 'dissociate'

/** Columns of the plan that an operation is made of. */
export const operationColumns = raw(
  'seq, row_id, operation, record_id, match_value, new_values, changed_properties, absent_at, steps_back',
)

const stepsBack = (cell: unknown): true | 'unknown' => (cell === true ? true : 'unknown')

export function toOperation(row: Row): PlannedOperation {
  const newValues = JSON.parse(String(row['new_values'] ?? '{}')) as Record<string, string>
  const changed = JSON.parse(String(row['changed_properties'] ?? '[]')) as string[]
  const recordId = row['record_id']
  const matchValue = row['match_value']
  const link = toLink(row)
  const properties: Record<string, string> = {}
  for (const name of changed) {
    const value = newValues[name]
    if (value !== undefined) properties[name] = value
  }
  return {
    sequence: Number(row['seq']),
    rowId: String(row['row_id']),
    kind: String(row['operation']) as OperationKind,
    ...(recordId === null || recordId === undefined ? {} : { recordId: String(recordId) }),
    ...(matchValue === null || matchValue === undefined ? {} : { matchValue: String(matchValue) }),
    properties,
    newValues,
    ...(row['steps_back'] === false ? {} : { stepsBack: stepsBack(row['steps_back']) }),
    ...(link === undefined ? {} : { plannedLink: link }),
  }
}

/** The next operations of one kind after a position that have no outcome yet, in order; at most `limit`. */
export async function readWindow(
  ledger: Ledger,
  syncName: string,
  runId: string,
  kind: OperationKind,
  afterSeq: number,
  limit: number,
): Promise<readonly PlannedOperation[]> {
  const rows = await ledger.warehouse.query(
    sql`select ${isLink(kind) ? linkColumns : operationColumns} from ${named(ledger, planOf(ledger, syncName))}
where run_id = ${runId} and operation = ${kind} and seq > ${afterSeq}
  and seq not in (select seq from ${named(ledger, resultsOf(ledger, syncName))} where run_id = ${runId} and seq > ${afterSeq})
order by seq limit ${raw(String(limit))}`,
  )
  return rows.map(toOperation)
}

/** A row that is looked up, with the texts of the plan that its answer may shorten. */
export interface UnresolvedOperation extends PlannedOperation {
  /** Only where they were asked for. */
  readonly texts?: CompletedTexts
}

/** Columns of the plan that say what is sent, as JSON. */
export interface CompletedTexts {
  readonly newValues: string
  readonly changedProperties: string
  readonly doubtfulValues: string
  readonly auditOld: string | null
  readonly auditNew: string | null
}

/**
 * Condition on a new plan's rows: they must be looked up in HubSpot before they can be sent. An upsert by a unique property
 * finds its record itself; a search has to come before any.
 */
export const isUnresolved = (bySearch: boolean): Sql =>
  raw(`(record_id is null and operation in ('create', 'update'${bySearch ? ", 'upsert'" : ''}))`)

/** Which rows to read: `condition` is SQL on rows of the plan. */
interface UnresolvedRows {
  readonly condition: Sql
  /** The texts are needed, too. */
  readonly hasTexts: boolean
  readonly after: number
  readonly limit: number
}

/** Rows of a plan that must be looked up, and have not been. */
export async function readUnresolved(
  ledger: Ledger,
  syncName: string,
  runId: string,
  { condition, hasTexts, after, limit }: UnresolvedRows,
): Promise<readonly UnresolvedOperation[]> {
  const texts = raw(hasTexts ? ', doubtful_values, audit_old, audit_new' : '')
  const rows = await ledger.warehouse.query(
    sql`select ${operationColumns}${texts} from ${named(ledger, planOf(ledger, syncName))}
where run_id = ${runId} and ${condition} and absent_at is null and reason is null and seq > ${after}
order by seq limit ${raw(String(limit))}`,
  )
  return rows.map((row) => ({
    ...toOperation(row),
    ...(hasTexts ? { texts: textsOf(row) } : {}),
  }))
}

const textsOf = (row: Row): CompletedTexts => ({
  newValues: cellText(row['new_values']) ?? '{}',
  changedProperties: cellText(row['changed_properties']) ?? '[]',
  doubtfulValues: cellText(row['doubtful_values']) ?? '{}',
  auditOld: cellText(row['audit_old']),
  auditNew: cellText(row['audit_new']),
})
/**
 * Settles rows that would find the record of another row: HubSpot still has their match value on it, because that row was
 * left out of this run, or its own change was refused. They wait for the next run, instead of overwriting the other's record.
 */
export async function holdBlocked(ledger: Ledger, syncName: string, runId: string): Promise<void> {
  const plan = named(ledger, planOf(ledger, syncName))
  const results = named(ledger, resultsOf(ledger, syncName))
  // The owner gives its match value up by leaving the model, or by an update that came through.
  const released = sql`select q.row_id from ${plan} as q
    left join ${results} as x on x.run_id = q.run_id and x.seq = q.seq and x.outcome = 'succeeded'
    where q.run_id = ${runId} and q.row_id is not null and (q.operation in (${raw(departures)}) or (q.operation = 'update' and x.seq is not null))`
  await ledger.warehouse.execute(sql`insert into ${results} (run_id, seq, outcome, is_doubtful, error_category, error_message)
select ${runId}, p.seq, 'pending', 1 = 0, 'MATCH_VALUE_HELD', 'HubSpot still has this match value on the record of row ' || min(s.row_id) || '.'
from ${plan} as p
join ${named(ledger, stateOf(ledger, syncName))} as s on s.match_value = p.match_value and s.row_id <> p.row_id
where p.run_id = ${runId} and p.operation = 'upsert' and p.record_id is null
  and s.record_id is not null and s.status <> 'left'
  and s.row_id not in (${released})
  and p.seq not in (select seq from ${results} where run_id = ${runId})
group by p.seq`)
}

/** Rows of a plan per operation. */
export async function countPlanned(
  ledger: Ledger,
  syncName: string,
  runId: string,
): Promise<Readonly<Record<string, number>>> {
  const rows = await ledger.warehouse.query(
    sql`select operation, count(*) as total from ${named(ledger, planOf(ledger, syncName))} where run_id = ${runId} and association is null group by operation`,
  )
  return Object.fromEntries(rows.map((row) => [String(row['operation']), Number(row['total'])]))
}

/** An update whose record is gone, as the upsert that makes the record again. */
export interface Replanned {
  readonly sequence: number
  /** Everything that is sent. */
  readonly properties: readonly string[]
  /** `sent_values` to assume when nobody knows whether the upsert happened. */
  readonly doubtfulValues: Readonly<Record<string, string>>
}

/**
 * Turns updates of vanished records into upserts, before the upserts are sent: a start after a kill must look for what
 * they may have made. The audit's values of the whole record are `new_values`.
 */
export async function replanAsUpserts(
  ledger: Ledger,
  syncName: string,
  runId: string,
  replanned: readonly Replanned[],
): Promise<void> {
  const plan = named(ledger, planOf(ledger, syncName))
  const groups = new Map<string, Replanned[]>()
  for (const entry of replanned) {
    const key = JSON.stringify([entry.properties, entry.doubtfulValues])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  }
  const statements = [...groups.values()].flatMap((group) =>
    chunks(group, sequencesPerStatement).map((part) => {
      const [first] = part
      const sequences = raw(part.map((entry) => entry.sequence).join(', '))
      return sql`update ${plan} set operation = 'upsert', record_id = null,
  changed_properties = ${JSON.stringify(first?.properties ?? [])}, audit_old = null, audit_new = null,
  doubtful_values = ${JSON.stringify(first?.doubtfulValues ?? {})}
where run_id = ${runId} and seq in (${sequences})`
    }),
  )
  if (statements.length > 0) await ledger.warehouse.transaction(statements)
}

const sequencesPerStatement = 1000

const chunks = <T>(all: readonly T[], size: number): readonly T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )

/** Rows of a sync by the record that they are bound to, for these records. */
export async function readRowsOf(
  ledger: Ledger,
  syncName: string,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (recordIds.length === 0) return new Map()
  const rows = await ledger.warehouse.query(
    sql`select record_id, min(row_id) as row_id from ${named(ledger, stateOf(ledger, syncName))}
where record_id in (${join(recordIds.map((recordId) => sql`${recordId}`))}) group by record_id`,
  )
  return new Map(rows.map((row) => [String(row['record_id']), String(row['row_id'])]))
}

/** Throws away a plan that was never started. */
export async function discardPlan(ledger: Ledger, syncName: string, runId: string): Promise<void> {
  for (const table of [planOf(ledger, syncName), resolutionsOf(ledger, syncName)]) {
    await ledger.warehouse.execute(sql`delete from ${named(ledger, table)} where run_id = ${runId}`)
  }
}

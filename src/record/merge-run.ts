import type { AuditValues, Mode, RunStatus } from '../types.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import { raw, type Sql, sql, type Value } from '../warehouse/sql.ts'
import type { Row } from '../warehouse/warehouse.ts'
import {
  type Ledger,
  linksOf,
  named,
  planOf,
  resolutionsOf,
  resultsOf,
  sharedTable,
  stateOf,
} from './ledger.ts'
import {
  changesStatement,
  conflictsStatement,
  countStatement,
  doubtOwnersStatement,
  inheritMembersStatement,
  inheritStatement,
  type MergeSpec,
  mergeLinksStatement,
  mergeStatement,
  releaseMembersStatement,
  releaseStatement,
  sweepStatements,
} from './merge.ts'
import { noOutcomes, type OutcomeCounts, updateStatement } from './runs.ts'

export interface MergeRequest {
  readonly runId: string
  readonly syncName: string
  /** Names of all mapped properties. */
  readonly properties: readonly string[]
  /** The mark of a value in doubt. */
  readonly doubt: string
  readonly maxAttempts: number
  readonly mode: Mode
  readonly auditValues: AuditValues
  /** The plan has links. */
  readonly hasLinks?: boolean
  /** Rows are members of a list. */
  readonly isList?: boolean
}

function mergeSpec(ledger: Ledger, request: MergeRequest): MergeSpec {
  return {
    runId: request.runId,
    syncName: request.syncName,
    state: stateOf(ledger, request.syncName),
    plan: planOf(ledger, request.syncName),
    results: resultsOf(ledger, request.syncName),
    changes: sharedTable(ledger, 'changes'),
    intents: sharedTable(ledger, 'intents'),
    properties: request.properties,
    doubt: request.doubt,
    maxAttempts: request.maxAttempts,
    looksAgain: request.mode === 'update',
    auditValues: request.auditValues,
    ...(request.hasLinks ? { links: linksOf(ledger, request.syncName) } : {}),
    ...(request.isList === true ? { isList: true } : {}),
  }
}

/** `rows_left` counts whatever was done about a row that left. */
const countColumns = {
  rows_created: ['created', 'sent', 'added'],
  rows_updated: ['updated'],
  rows_rejected: ['rejected'],
  rows_skipped: ['skipped'],
  rows_waiting: ['waiting'],
  rows_pending: ['pending'],
  rows_unknown: ['unknown'],
  rows_left: ['left', 'cleared', 'archived', 'removed'],
  rows_returned: ['returned'],
  links_added: ['linksAdded'],
  links_removed: ['linksRemoved'],
  links_waiting: ['linksWaiting'],
  links_pending: ['linksPending'],
  links_rejected: ['linksRejected'],
} as const satisfies Record<string, readonly (keyof OutcomeCounts)[]>

/** How a run ends, by its counts: the status, and further columns of its row. */
export interface RunEnd {
  readonly status: RunStatus
  readonly facts: Readonly<Record<string, Value>>
}

/**
 * Moves all outcomes of a run into state and audit and ends it, in one transaction; where the engine wants slices, in
 * one per slice, each complete by itself: state, changes and counts of its rows, which then leave the plan. After a kill the next
 * start merges what is left.
 */
export async function mergeRun(
  ledger: Ledger,
  request: MergeRequest,
  end: (counts: OutcomeCounts) => RunEnd,
  onSlice: () => void = () => {},
): Promise<{ counts: OutcomeCounts; status: RunStatus }> {
  const spec = mergeSpec(ledger, request)
  const { warehouse } = ledger
  const { dialect } = warehouse
  let counts: OutcomeCounts = noOutcomes
  let ended = end(counts)
  const statistics = dialect.refreshStatistics(spec.results)
  if (statistics !== undefined) await warehouse.execute(statistics)
  if (spec.isList === true) await warehouse.execute(inheritMembersStatement(dialect, spec))
  const slices = await slicesOf(ledger, spec)
  for (const [index, part] of slices.entries()) {
    const { slice, owners, isEmpty } = await withConflicts(ledger, part)
    const own = isEmpty
      ? noOutcomes
      : toCounts(await warehouse.query(countStatement(dialect, slice)))
    counts = addCounts(counts, own)
    ended = end(counts)
    const isLast = index === slices.length - 1
    await warehouse.transaction([
      // Most runs of most syncs change nothing, and each statement is seconds on an engine such as BigQuery.
      ...(isEmpty
        ? []
        : [...recordStatements(dialect, slice, owners), ...sweepStatements(dialect, slice)]),
      ...(isLast
        ? endStatements(ledger, spec, own, { ...ended.facts, status: ended.status })
        : [updateStatement(ledger, request.runId, addedCounts(own))]),
    ])
    if (!isLast) onSlice()
  }
  const after = await warehouse.query(
    sql`select rows_parked from ${named(ledger, sharedTable(ledger, 'runs'))} where run_id = ${request.runId}`,
  )
  return {
    counts: { ...counts, parked: Number(after[0]?.['rows_parked'] ?? 0) },
    status: ended.status,
  }
}

/** Rows that met at one record, looked for once: they are rare, and looking is a join with the whole state. */
async function withConflicts(
  ledger: Ledger,
  part: MergeSpec,
): Promise<{
  readonly slice: MergeSpec
  readonly owners: readonly Sql[]
  /** There is nothing to record. */
  readonly isEmpty: boolean
}> {
  const { dialect } = ledger.warehouse
  const [conflicts] = await ledger.warehouse.query(conflictsStatement(dialect, part))
  const hasTaken = Number(conflicts?.['taken']) > 0
  const owners = [
    ...(hasTaken ? [doubtOwnersStatement(dialect, part)] : []),
    ...(Number(conflicts?.['taken_over']) > 0
      ? [inheritStatement(dialect, part), releaseStatement(dialect, part)]
      : []),
  ]
  return {
    slice: { ...part, hasNoTaken: !hasTaken },
    owners,
    isEmpty: Number(conflicts?.['planned']) === 0,
  }
}

/**
 * What moves outcomes into audit and state, in this order: the audit is told before the state changes what the outcomes are
 * judged by. Who owns a record is set right last.
 */
const recordStatements = (
  dialect: Dialect,
  spec: MergeSpec,
  owners: readonly Sql[],
): readonly Sql[] => [
  changesStatement(dialect, spec),
  mergeStatement(dialect, spec),
  ...(spec.links === undefined
    ? []
    : [mergeLinksStatement(dialect, { ...spec, links: spec.links })]),
  ...(spec.isList === true ? [releaseMembersStatement(dialect, spec)] : []),
  ...owners,
]

/** The statements of a merge that read and write most, for asking what they would bill. */
export function recordingStatements(ledger: Ledger, request: MergeRequest): readonly Sql[] {
  const spec = mergeSpec(ledger, request)
  const { dialect } = ledger.warehouse
  const slice = { ...spec, hasNoTaken: true }
  return [
    conflictsStatement(dialect, spec),
    countStatement(dialect, slice),
    ...recordStatements(dialect, slice, []),
  ]
}

/** Adds a slice's counts to the run's row. */
const addedCounts = (counts: OutcomeCounts): readonly Sql[] =>
  Object.entries(countColumns).map(([column, names]) => {
    const rows = names.reduce((sum, name) => sum + counts[name], 0)
    return sql`${raw(column)} = coalesce(${raw(column)}, 0) + ${rows}`
  })

function endStatements(
  ledger: Ledger,
  spec: MergeSpec,
  counts: OutcomeCounts,
  facts: Readonly<Record<string, Value>>,
): readonly Sql[] {
  const { dialect } = ledger.warehouse
  const parked = sql`select count(*) from ${named(ledger, spec.state)} where status = 'parked'`
  return [
    updateStatement(ledger, spec.runId, [
      ...addedCounts(counts),
      ...Object.entries(facts).map(([column, value]) => sql`${raw(column)} = ${value}`),
      sql`finished_at = ${dialect.now()}`,
      sql`rows_parked = (${parked})`,
    ]),
    ...[spec.intents, spec.results, resolutionsOf(ledger, spec.syncName)].map(
      (table) => sql`delete from ${named(ledger, table)} where run_id = ${spec.runId}`,
    ),
  ]
}

/**
 * Slices of a plan by position, where the engine wants them; else the whole. A merge that was cut short left the rows behind
 * whose outcome is unknown: slices begin at the first row that is not merged.
 */
async function slicesOf(ledger: Ledger, spec: MergeSpec): Promise<readonly MergeSpec[]> {
  const { sliceRows } = ledger.warehouse.dialect.capabilities
  if (sliceRows === undefined) return [spec]
  const plan = named(ledger, spec.plan)
  const state = named(ledger, spec.state)
  const [ends] =
    await ledger.warehouse.query(sql`select min(p.seq) as first, max(p.seq) as last from ${plan} as p
where p.run_id = ${spec.runId} and ${raw(spec.links === undefined ? '' : '(p.association is not null or ')}not exists (
  select 1 from ${state} as s where s.row_id = p.row_id and s.last_run_id = ${spec.runId} and s.status = 'unknown')${raw(spec.links === undefined ? '' : ')')}`)
  const first = Number(ends?.['first'] ?? 0)
  const last = Number(ends?.['last'] ?? 0)
  return Array.from({ length: Math.ceil((last - first + 1) / sliceRows) }, (_, index) => ({
    ...spec,
    range: { fromSeq: first + index * sliceRows, toSeq: first + (index + 1) * sliceRows - 1 },
  }))
}

/** Merges the rows of an ended run that have been settled since; the others stay as they are. */
export async function mergeLeftovers(ledger: Ledger, request: MergeRequest): Promise<void> {
  const spec = { ...mergeSpec(ledger, request), onlySettled: true }
  const results = named(ledger, spec.results)
  const { slice, owners } = await withConflicts(ledger, spec)
  await ledger.warehouse.transaction([
    ...recordStatements(ledger.warehouse.dialect, slice, owners),
    sql`delete from ${named(ledger, spec.plan)} where run_id = ${request.runId} and seq in (
  select seq from ${results} where run_id = ${request.runId})`,
    sql`delete from ${results} where run_id = ${request.runId}`,
  ])
}

function toCounts(rows: readonly Row[]): OutcomeCounts {
  const counts = { ...noOutcomes }
  for (const row of rows) {
    const total = Number(row['total'])
    const outcome = String(row['outcome'])
    const operation = String(row['operation'])
    const isSent = ['create', 'update', 'upsert'].includes(operation)
    const isRemoval = operation === 'clear' || operation === 'archive'
    const link = linkCount(operation, outcome)
    if (link !== undefined) {
      if (link !== 'none') counts[link] += total
    } else if (outcome === 'succeeded' && isSent) {
      counts[row['is_created'] === true ? 'created' : 'updated'] += total
    } else if (outcome === 'succeeded' && operation === 'send') counts.sent += total
    else if (outcome === 'succeeded' && operation === 'add') counts.added += total
    else if (outcome === 'succeeded' && operation === 'remove') counts.removed += total
    else if (outcome === 'succeeded' && isRemoval) {
      counts[operation === 'clear' ? 'cleared' : 'archived'] += total
    } else if (outcome === 'skipped' && isRemoval) counts.left += total
    else if (outcome === 'rejected') counts.rejected += total
    else if (outcome === 'skipped') counts.skipped += total
    else if (outcome === 'waiting') counts.waiting += total
    else if (outcome === 'pending') counts.pending += total
    else if (outcome === 'unknown') counts.unknown += total
    else if (outcome === 'left') counts.left += total
    if (row['is_return'] === true) counts.returned += total
  }
  return counts
}

/** Where a link is counted; undefined for what is no link. */
function linkCount(
  operation: string,
  outcome: string,
):
  | 'linksAdded'
  | 'linksRemoved'
  | 'linksWaiting'
  | 'linksPending'
  | 'linksRejected'
  | 'none'
  | undefined {
  if (!['associate', 'dissociate', 'wait', 'release'].includes(operation)) return undefined
  if (operation === 'release') return 'none'
  if (outcome === 'succeeded') return operation === 'associate' ? 'linksAdded' : 'linksRemoved'
  if (outcome === 'waiting') return 'linksWaiting'
  return outcome === 'rejected' ? 'linksRejected' : 'linksPending'
}

function addCounts(one: OutcomeCounts, other: OutcomeCounts): OutcomeCounts {
  const sum = { ...one }
  for (const name of Object.keys(noOutcomes) as (keyof OutcomeCounts)[]) {
    sum[name] = one[name] + other[name]
  }
  return sum
}

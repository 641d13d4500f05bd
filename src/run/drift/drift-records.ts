import type { LatestWrite } from '../../destination/destination.ts'
import { audited } from '../../plan/audited.ts'
import { doubt } from '../../plan/diff-spec.ts'
import { readRowsOf } from '../../record/plan-rows.ts'
import type { SentRow } from '../../record/sent-rows.ts'
import type { ComparedProperty } from '../../resolve/adopt-values.ts'
import { compareSent, type HeldOtherwise, isOwnWrite } from '../../resolve/compare-sent.ts'
import { retriedFind } from '../asking.ts'
import { byBatches } from '../by-batches.ts'
import { comparedProperties } from '../compared-properties.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { auditedAll, categoryOf, type Difference, type Findings } from './drift-difference.ts'
import { type Differing, readHistories, readRecords } from './drift-reads.ts'

/** A row whose record is there, and what of it differs. */
interface Compared extends Differing {
  readonly row: SentRow
  /** Of the record that the row's leads to: another one where that was merged. */
  readonly recordId: string
}

/** Properties that a sync keeps as it sent them: mode insert keeps none, nor does what HubSpot owns after the first write. */
export const keptProperties = (
  prepared: Pick<PreparedSync, 'sync' | 'bound' | 'schema'>,
): readonly ComparedProperty[] =>
  prepared.sync.mode === 'insert'
    ? []
    : comparedProperties(prepared).filter(
        ({ name, write }) => write === 'always' && prepared.schema.properties.has(name),
      )

/**
 * Compares one window of rows with their records.
 *
 * @param appId of the token; asked only where something differs
 * @returns rows whose record is not what it was: their links went with it
 */
export async function compareRecords(
  context: RunContext,
  prepared: PreparedSync,
  rows: readonly SentRow[],
  appId: () => Promise<string | undefined>,
  findings: Findings,
): Promise<readonly string[]> {
  const properties = keptProperties(prepared)
  const { held, unread } = await readRecords(context, prepared, rows, properties)
  const missing = rows.filter((row, index) => !held.has(index) && !unread.has(row.recordId))
  findings.miss('row', rows.filter(({ recordId }) => unread.has(recordId)).length)
  const compared = rows.flatMap((row, index): readonly Compared[] => {
    const record = held.get(index)
    if (record === undefined) return []
    const differing = compareSent(row.sentValues, record.properties, properties, doubt)
    return [{ row, recordId: record.recordId, differing }]
  })
  const histories = await readHistories(context, prepared, compared)
  const owners = await ownersOf(context, prepared, compared)
  const ownApp = compared.some(({ differing }) => differing.length > 0) ? await appId() : undefined
  const matchProperty = prepared.bound.match?.property
  for (const { row, recordId, differing } of compared) {
    const byHand = differing.flatMap((one) => {
      const write = histories.get(recordId)?.get(one.property)
      return isOwnWrite(write, ownApp) ? [] : [{ ...one, write }]
    })
    findings.foundOwn(differing.length - byHand.length)
    const isMerged = recordId !== row.recordId
    const takenBy = isMerged ? owners.get(recordId) : undefined
    if (isMerged) {
      await findings.found({
        kind: 'merged',
        rowId: row.rowId,
        recordId: row.recordId,
        into: recordId,
        ...(takenBy === undefined ? {} : { takenBy }),
      })
    }
    for (const one of byHand) await findings.found(changed(row, one, findings))
    if (takenBy !== undefined) findings.leave()
    else if (isMerged || byHand.length > 0) {
      markRow(findings, row, recordId, byHand, matchProperty)
    }
  }
  await tellMissing(context, prepared, missing, findings)
  return [
    ...missing.map(({ rowId }) => rowId),
    ...compared.flatMap(({ row, recordId }) => (recordId === row.recordId ? [] : [row.rowId])),
  ]
}

/** Other rows that have the records which rows of the window were merged into: one record, one row. */
async function ownersOf(
  { ledger }: RunContext,
  { sync }: PreparedSync,
  compared: readonly Compared[],
): Promise<ReadonlyMap<string, string>> {
  const merged = compared.filter(({ row, recordId }) => recordId !== row.recordId)
  const survivors = [...new Set(merged.map(({ recordId }) => recordId))]
  const owners = new Map(await readRowsOf(ledger, sync.name, survivors))
  // Of several rows of the window that lead to one record the first gets it.
  const claimed = new Map<string, string>()
  for (const { row, recordId } of merged) {
    const first = claimed.get(recordId)
    if (first === undefined) claimed.set(recordId, row.rowId)
    else if (!owners.has(recordId)) owners.set(recordId, first)
  }
  return owners
}

const changed = (
  row: SentRow,
  { property, expected, held, write }: HeldOtherwise & { readonly write: LatestWrite | undefined },
  { auditValues }: Findings,
): Difference => ({
  kind: 'changed',
  rowId: row.rowId,
  recordId: row.recordId,
  property,
  expected: audited(expected, auditValues),
  held: audited(held, auditValues),
  ...(write === undefined ? {} : { by: withoutValue(write) }),
})

function withoutValue({ value: _, ...by }: LatestWrite): Omit<LatestWrite, 'value'> {
  return by
}

function markRow(
  findings: Findings,
  row: SentRow,
  recordId: string,
  differing: readonly HeldOtherwise[],
  matchProperty: string | undefined,
): void {
  const { auditValues, mending } = findings
  // What was adopted and not compared yet is sent by the next run whatever is said here.
  if (mending === 'accept' && row.isOpen) {
    findings.leave()
    return
  }
  const heldValues = differing.map(({ property, held }) => [property, held] as const)
  const match = differing.find(({ property }) => property === matchProperty)
  findings.mark({
    rowId: row.rowId,
    reason: recordId === row.recordId ? null : categoryOf('merged'),
    properties: differing.map(({ property }) => property),
    old: auditedAll(
      differing.map(({ property, expected }) => [property, expected]),
      auditValues,
    ),
    new: auditedAll(heldValues, auditValues),
    row: {
      recordId,
      recordBefore: row.recordId,
      sentValues: { ...row.sentValues, ...Object.fromEntries(heldValues) },
      matchValue: match === undefined ? row.matchValue : match.held === '' ? null : match.held,
    },
  })
}

/** A member that was merged into a record which is on the list. */
export async function markMerged(
  { ledger }: RunContext,
  { sync }: PreparedSync,
  row: SentRow,
  recordId: string,
  findings: Findings,
): Promise<void> {
  const takenBy = (await readRowsOf(ledger, sync.name, [recordId])).get(recordId)
  await findings.found({
    kind: 'merged',
    rowId: row.rowId,
    recordId: row.recordId,
    into: recordId,
    ...(takenBy === undefined ? {} : { takenBy }),
  })
  if (takenBy === undefined) markRow(findings, row, recordId, [], undefined)
  else findings.leave()
}

/** Records that no read finds: in the recycling bin, or gone for good. */
export async function tellMissing(
  context: RunContext,
  { schema }: Pick<PreparedSync, 'schema'>,
  missing: readonly SentRow[],
  findings: Findings,
): Promise<void> {
  if (missing.length === 0) return
  const answers = await byBatches(context, missing, (some) =>
    retriedFind(context)({
      objectType: schema.name,
      property: 'hs_object_id',
      values: [...new Set(some.map(({ recordId }) => recordId))],
      properties: [],
      isArchived: true,
    }),
  )
  const archived = new Map(answers.flat().map((record) => [record.value, record]))
  for (const row of missing) {
    const { rowId, recordId } = row
    const record = archived.get(recordId)
    const kind = record === undefined ? 'gone' : 'archived'
    const archivedAtMs = record?.archivedAtMs
    await findings.found({
      kind,
      rowId,
      recordId,
      ...(archivedAtMs === undefined ? {} : { archivedAtMs }),
    })
    markLost(findings, row, kind)
  }
}

/** A row that has no record, or membership, any more. */
export function markLost(findings: Findings, row: SentRow, kind: Difference['kind']): void {
  if (findings.mending === 'accept' && row.isOpen) {
    findings.leave()
    return
  }
  findings.mark({
    rowId: row.rowId,
    reason: categoryOf(kind),
    properties: [],
    old: null,
    new: null,
    row: { recordId: null, recordBefore: row.recordId, sentValues: null, matchValue: null },
  })
}

import type { SentRow } from '../../record/sent-rows.ts'
import { retried } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import type { Findings } from './drift-difference.ts'
import { readRecords } from './drift-reads.ts'
import { markLost, markMerged, tellMissing } from './drift-records.ts'

/** Members of a list, 8 bytes each: a list may have a million. */
export interface Members {
  has(recordId: string): boolean
}

/** Reads a whole list. */
export async function readMembers(context: RunContext, listId: string): Promise<Members> {
  const { destination, drain } = context
  let ids = new Float64Array(1024)
  let count = 0
  let after: string | undefined
  do {
    const from = after
    const page = await retried(context, () => destination.readMembers(listId, from, drain))
    for (const recordId of page.recordIds) {
      if (count === ids.length) {
        const grown = new Float64Array(count * 2)
        grown.set(ids)
        ids = grown
      }
      ids[count] = Number(recordId)
      count += 1
    }
    after = page.next
  } while (after !== undefined)
  const sorted = ids.subarray(0, count).sort()
  return { has: (recordId) => isAmong(sorted, Number(recordId)) }
}

/** Binary search in ascending numbers. */
function isAmong(sorted: Float64Array, wanted: number): boolean {
  let [from, to] = [0, sorted.length - 1]
  while (from <= to) {
    const middle = (from + to) >> 1
    const found = sorted[middle] ?? Number.NaN
    if (found === wanted) return true
    if (found < wanted) from = middle + 1
    else to = middle - 1
  }
  return false
}

/** Compares one window of rows with the members of their list. */
export async function compareMembers(
  context: RunContext,
  prepared: PreparedSync,
  rows: readonly SentRow[],
  members: Members,
  findings: Findings,
): Promise<void> {
  const isTakenOff = prepared.sync.mode === 'remove'
  const differing = rows.filter(({ recordId }) => members.has(recordId) === isTakenOff)
  if (isTakenOff) return tellEach(differing, 'added', findings)
  // A record that is gone, or was merged into another one, was not taken off by anybody.
  const { held: records, unread } = await readRecords(context, prepared, differing, [])
  const missing = differing.filter((row, at) => !records.has(at) && !unread.has(row.recordId))
  findings.miss('row', differing.filter(({ recordId }) => unread.has(recordId)).length)
  const removed: SentRow[] = []
  for (const [index, row] of differing.entries()) {
    const record = records.get(index)
    if (record === undefined) continue
    const isMerged = record.recordId !== row.recordId && members.has(record.recordId)
    if (isMerged) await markMerged(context, prepared, row, record.recordId, findings)
    else removed.push(row)
  }
  await tellEach(removed, 'removed', findings)
  await tellMissing(context, prepared, missing, findings)
}

async function tellEach(
  rows: readonly SentRow[],
  kind: 'removed' | 'added',
  findings: Findings,
): Promise<void> {
  for (const row of rows) {
    await findings.found({ kind, rowId: row.rowId, recordId: row.recordId })
    markLost(findings, row, kind)
  }
}

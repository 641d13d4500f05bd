import type { FoundRecord } from '../destination/destination.ts'
import type { Mode, Operation, RecordResult } from '../types.ts'
import { type Find, findMatches, type MatchTarget } from './matches.ts'

/** An operation that may have made a record, and nobody recorded whether it did. */
export interface Doubtful extends Operation {
  /** ISO 8601: HubSpot had no such record then. Set for creates. */
  readonly absentAt?: string
}

/** What looking found out. `unknown` stays so until somebody says which record it is. */
export interface Settled extends RecordResult {
  readonly outcome: 'succeeded' | 'skipped' | 'pending' | 'unknown'
  readonly isDoubtful?: boolean
}

/** How far the clocks of this machine and HubSpot may be apart. */
const clockSkewMs = 5 * 60 * 1000

/**
 * Settles writes whose answer was lost by looking for their records.
 *
 * - An upsert whose record exists binds the row to it: that is what the upsert would have answered. What was
 *   written to it stays in doubt, so the next run sends it again.
 * - A create whose record was absent, and is there now with our values, is ours.
 * - A create of mode `upsert` never stays unknown: whoever made the record, the row belongs to it, and its values are in doubt.
 * - Nothing found: nothing was written, the row is sent again.
 */
export async function settle(
  operations: readonly Doubtful[],
  target: MatchTarget,
  find: Find,
  mode: Mode,
): Promise<readonly Settled[]> {
  const creates = operations.filter((operation) => operation.kind === 'create')
  const properties = [...new Set(creates.flatMap((operation) => Object.keys(operation.properties)))]
  const matches = await findMatches(operations, target, properties, find)
  return operations.map((operation, index) => judge(operation, matches[index]?.found, mode))
}

function judge(operation: Doubtful, found: FoundRecord | undefined, mode: Mode): Settled {
  const { sequence } = operation
  if (found === undefined) {
    return { sequence, outcome: 'pending', isDoubtful: false, error: notWritten }
  }
  const bind = (): Settled => ({
    sequence,
    outcome: 'pending',
    recordId: found.recordId,
    isDoubtful: true,
    error: answerLost,
  })
  if (operation.kind === 'upsert') return bind()
  if (!isMadeSince(operation.absentAt, found)) {
    if (mode === 'upsert')
      return { sequence, outcome: 'pending', isDoubtful: false, error: madeByOther }
    return { sequence, outcome: 'skipped', recordId: found.recordId, error: exists }
  }
  if (operation.absentAt !== undefined && holds(found.properties, operation.properties)) {
    return { sequence, outcome: 'succeeded', recordId: found.recordId, isCreated: true }
  }
  return mode === 'upsert' ? bind() : { sequence, outcome: 'unknown', error: notOurs }
}

/**
 * Settles creates that were sent as upserts by the tracking property, which holds the row id: a record that has it is the
 * row's. Where it has other values than were sent, mode upsert sends them again.
 */
export async function settleTracked(
  operations: readonly Doubtful[],
  target: MatchTarget,
  sendsAgain: boolean,
  find: Find,
): Promise<readonly Settled[]> {
  const rows = operations.map(({ sequence, rowId }) => ({ sequence, matchValue: rowId }))
  const properties = [
    ...new Set(operations.flatMap((operation) => Object.keys(operation.properties))),
  ]
  const matches = await findMatches(rows, target, properties, find)
  return operations.map((operation, index): Settled => {
    const { sequence } = operation
    const found = matches[index]?.found
    if (found === undefined) {
      return { sequence, outcome: 'pending', isDoubtful: false, error: notWritten }
    }
    const { recordId } = found
    if (sendsAgain && !holds(found.properties, operation.properties)) {
      return { sequence, outcome: 'pending', recordId, isDoubtful: true, error: answerLost }
    }
    return { sequence, outcome: 'succeeded', recordId, isCreated: true }
  })
}

/** True when the record was made after it was absent; also when nobody knows since when it was. */
export function isMadeSince(
  absentAt: string | undefined,
  { createdAtMs }: Pick<FoundRecord, 'createdAtMs'>,
): boolean {
  return absentAt === undefined || createdAtMs >= Date.parse(absentAt) - clockSkewMs
}

export const notWritten = {
  category: 'NOT_WRITTEN',
  message: 'The answer was lost; HubSpot has no such record, so the row is sent again.',
}
const answerLost = {
  category: 'ANSWER_LOST',
  message: 'The answer was lost; the record was found, its values are sent again.',
}
const madeByOther = {
  category: 'NOT_WRITTEN',
  message: 'Somebody else made such a record; the next run looks at it.',
}
const exists = {
  category: 'RECORD_EXISTS',
  message: 'HubSpot already has a record with this match value.',
}
export const notOurs = {
  category: 'MAYBE_CREATED',
  message:
    'The answer was lost and HubSpot now has a record with this match value but other values: somebody has to say whether it is this row.',
}

/** True when the record holds what was sent, in whatever spelling HubSpot keeps it. */
export function holds(
  record: Readonly<Record<string, string | null>>,
  sent: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(sent).every(([name, value]) => isSame(record[name] ?? '', value))
}

function isSame(kept: string, sent: string): boolean {
  if (kept.trim().toLowerCase() === sent.trim().toLowerCase()) return true
  if (kept === '' || sent === '') return false
  if (Number(kept) === Number(sent)) return true
  const moment = Date.parse(kept)
  return !Number.isNaN(moment) && moment === Date.parse(sent)
}

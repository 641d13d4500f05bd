import { doubt, type MatchKind } from '../../plan/diff-spec.ts'
import type { StoredResult } from '../../record/checkpoint.ts'
import type { PlannedOperation, Replanned } from '../../record/plan-rows.ts'
import type { Whereabouts } from '../../resolve/passed-over.ts'
import type { Mode, RecordResult } from '../../types.ts'
import type { RunContext } from '../context.ts'

/** What follows from HubSpot's answer to one operation. */
export type Decision =
  | { readonly kind: 'store'; readonly result: StoredResult }
  /** The record is gone and the mode wants it: make it again, in full. */
  | { readonly kind: 'make-again'; readonly operation: PlannedOperation }
  /** Nobody knows whether a record was made: look. */
  | { readonly kind: 'look' }
  /** HubSpot passed over the update of a record: ask where the record is. */
  | { readonly kind: 'ask-for-record' }

/** What of a sync decides. */
export interface DecisionFacts {
  readonly mode: Mode
  readonly by: MatchKind | undefined
  readonly matchProperty?: string | undefined
  /** A row whose record is gone is not searched for another time in this run. */
  readonly isLastSearch: boolean
  /** Some properties are not always written: a record that is made again is made by the next run, which knows what a create sends. */
  readonly hasPolicies?: boolean
}

/** Turns an answer into a recorded outcome, by the mode of the sync. */
export function decide(
  { mode, by, matchProperty, isLastSearch, hasPolicies = false }: DecisionFacts,
  operation: PlannedOperation,
  result: RecordResult,
): Decision {
  const store = (
    outcome: StoredResult['outcome'],
    extra: Partial<StoredResult> = {},
  ): Decision => ({
    kind: 'store',
    result: { ...result, outcome, ...extra },
  })
  if (operation.kind === 'send') return { kind: 'store', result: decideEvent(result) }
  if (operation.kind === 'associate' || operation.kind === 'dissociate')
    return { kind: 'store', result: decideLink(operation, result) }
  if (operation.kind === 'add' || operation.kind === 'remove')
    return { kind: 'store', result: decideMember(operation, mode, by, result) }
  const isRemoval = operation.kind === 'clear' || operation.kind === 'archive'
  const isBound = operation.kind === 'update' || isRemoval
  switch (result.outcome) {
    case 'missing': {
      // Whoever archived it: it is gone, as it should be.
      if (operation.kind === 'archive') {
        const { error: _, ...gone } = result
        return { kind: 'store', result: { ...gone, outcome: 'succeeded' } }
      }
      const isWanted =
        mode === 'upsert' && operation.kind === 'update' && operation.matchValue !== undefined
      if (isWanted && hasPolicies) {
        return store('pending', { isDoubtful: false, error: madeByNext })
      }
      if (isWanted && !(by === 'search' && isLastSearch))
        return { kind: 'make-again', operation: asUpsert(operation) }
      return store(isWanted ? 'pending' : 'skipped', {
        error: by === 'record_id' && !isRemoval ? noRecord : recordGone,
      })
    }
    case 'conflict': {
      // Another record may have the value of any unique property.
      const isMatch = [undefined, matchProperty].includes(result.error?.property)
      return operation.kind === 'create' && mode === 'insert' && isMatch
        ? store('skipped', {
            ...(result.existingId === undefined ? {} : { recordId: result.existingId }),
            error: {
              category: 'RECORD_EXISTS',
              message: 'HubSpot already has a record with this match value.',
            },
          })
        : store('rejected', {
            error: {
              category: 'CONFLICT',
              message: `A value that must be unique belongs to ${result.existingId === undefined ? 'another record' : `record ${result.existingId}`}.`,
              ...(result.error?.property === undefined ? {} : { property: result.error.property }),
            },
          })
    }
    case 'unknown':
      if (isBound && result.error?.category === 'NOT_ACCOUNTED_FOR')
        return { kind: 'ask-for-record' }
      return isBound ? store('pending', { isDoubtful: true }) : { kind: 'look' }
    case 'pending':
      if (result.isDoubtful !== true) return store('pending', { isDoubtful: false })
      return isBound ? store('pending', { isDoubtful: true }) : { kind: 'look' }
    case 'succeeded':
    case 'rejected':
    case 'skipped':
      return store(result.outcome)
  }
}

/** An event is sent again with the same uuid, whatever became of the answer: HubSpot keeps the first. */
function decideEvent(result: RecordResult): StoredResult {
  // Many events are about one record: none is bound to it.
  const { recordId: _, ...rest } = result
  if (rest.outcome === 'succeeded' || rest.outcome === 'rejected')
    return { ...rest, outcome: rest.outcome }
  const isDoubtful = rest.outcome !== 'pending' || rest.isDoubtful === true
  return { ...rest, outcome: 'pending', isDoubtful }
}

/** A link may be set, or taken off, as often as one likes. It is not the row's record that a result tells of. */
function decideLink({ kind }: PlannedOperation, result: RecordResult): StoredResult {
  const { recordId: _, ...rest } = result
  if (rest.outcome === 'succeeded' || rest.outcome === 'rejected')
    return { ...rest, outcome: rest.outcome }
  if (rest.outcome === 'missing') {
    const { error: _gone, ...gone } = rest
    // Whoever archived the record: its links are gone with it.
    return kind === 'dissociate'
      ? { ...gone, outcome: 'succeeded' }
      : { ...gone, outcome: 'pending', isDoubtful: false, error: noRecordToLink }
  }
  const isDoubtful = rest.outcome === 'unknown' || rest.isDoubtful === true
  return { ...rest, outcome: 'pending', isDoubtful }
}

/** Nobody asks for the record of a row that does not change: what finds it again has to be said. */
const noRecordToLink = {
  category: 'RECORD_GONE',
  message:
    "The row's record was deleted or merged in HubSpot. To have it made again, or found: backhaul run --full-refresh --row KEY; its links follow.",
}

/**
 * Members are sets: whatever became of an answer, the change may be made again. Many rows may be one member, so none is bound to the
 * record by the answer; the plan says which it is.
 */
function decideMember(
  { kind, recordId }: PlannedOperation,
  mode: Mode,
  by: MatchKind | undefined,
  result: RecordResult,
): StoredResult {
  const { recordId: _, ...rest } = result
  if (rest.outcome === 'succeeded' || rest.outcome === 'rejected')
    return { ...rest, outcome: rest.outcome }
  if (rest.outcome === 'missing') {
    // Whoever deleted the record of a row that left: it is on no list any more, unless it was merged into another one.
    if (kind === 'remove' && mode === 'mirror') {
      const message = `HubSpot has no record ${recordId} any more.`
      return { ...rest, outcome: 'succeeded', error: { category: 'RECORD_GONE', message } }
    }
    const message = `HubSpot has no record ${recordId}.`
    return by === 'record_id'
      ? { ...rest, outcome: 'rejected', error: { category: 'NO_RECORD', message } }
      : {
          ...rest,
          outcome: 'pending',
          isDoubtful: false,
          error: { category: 'RECORD_GONE', message },
        }
  }
  const isDoubtful = rest.outcome !== 'pending' || rest.isDoubtful === true
  return { ...rest, outcome: 'pending', isDoubtful }
}

const recordGone = {
  category: 'RECORD_GONE',
  message: 'The record does not exist in HubSpot any more.',
}
const madeByNext = {
  category: 'RECORD_GONE',
  message:
    'The record does not exist in HubSpot any more; the next run makes it anew, with what only a create sends.',
}
const noRecord = { category: 'NO_RECORD', message: 'HubSpot has no record with this id.' }

/** What follows once it is known where the record of a passed-over update is. */
export function decidePassedOver(
  facts: DecisionFacts,
  operation: PlannedOperation,
  whereabouts: Whereabouts,
): Exclude<Decision, { kind: 'look' | 'ask-for-record' }> {
  const { sequence } = operation
  switch (whereabouts.kind) {
    case 'gone': {
      const decision = decide(facts, operation, { sequence, outcome: 'missing' })
      if (decision.kind === 'store' || decision.kind === 'make-again') return decision
      throw new TypeError('a missing record needs no look-up')
    }
    case 'there':
      return { kind: 'store', result: { sequence, outcome: 'pending', isDoubtful: true } }
    case 'merged':
      if (operation.kind === 'clear' || operation.kind === 'archive')
        return { kind: 'store', result: mergedAway(operation, whereabouts.into) }
      return {
        kind: 'store',
        result: {
          sequence,
          outcome: 'pending',
          recordId: whereabouts.into,
          isDoubtful: true,
          error: {
            category: 'RECORD_MERGED',
            message: `Record ${operation.recordId} was merged into ${whereabouts.into}; the row goes there from now on.`,
          },
        },
      }
  }
}

/** The record of a departed row is part of another one, which is not the row's to empty or to archive. */
export const mergedAway = (
  { sequence, recordId }: PlannedOperation,
  into: string,
): StoredResult => ({
  sequence,
  outcome: 'skipped',
  error: {
    category: 'RECORD_MERGED',
    message: `Record ${recordId} was merged into ${into}, which stays as it is.`,
  },
})

function asUpsert(operation: PlannedOperation): PlannedOperation {
  const { recordId: _gone, ...rest } = operation
  return { ...rest, kind: 'upsert', properties: wholeRecord(operation.newValues) }
}

/** A record made anew has nothing to clear, and a value in doubt that the model does not say is none. */
function wholeRecord(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== '' && value !== doubt),
  )
}

/** What the plan has to say of an operation that makes a record again. */
export function asReplanned({ sequence, properties }: PlannedOperation): Replanned {
  const names = Object.keys(properties)
  return {
    sequence,
    properties: names,
    doubtfulValues: Object.fromEntries(names.map((name) => [name, doubt])),
  }
}

/** A result for the disk: HubSpot's words without the values they quote, whatever the audit keeps. */
export function withoutValues(
  result: StoredResult,
  operations: ReadonlyMap<number, PlannedOperation>,
  context: Pick<RunContext, 'scrub'>,
): StoredResult {
  if (result.error === undefined) return result
  const values = Object.values(operations.get(result.sequence)?.newValues ?? {})
  return {
    ...result,
    error: { ...result.error, message: context.scrub(result.error.message, values) },
  }
}

/** HubSpot's messages quote property values: those stay only where the audit keeps values. */
export function scrubbed(
  result: StoredResult,
  operation: PlannedOperation,
  context: Pick<RunContext, 'settings' | 'scrub'>,
): StoredResult {
  if (result.error === undefined || context.settings.auditValues === 'full') return result
  return withoutValues(result, new Map([[operation.sequence, operation]]), context)
}

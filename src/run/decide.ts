import { doubt } from '../plan/diff-spec.ts'
import type { StoredResult } from '../record/checkpoint.ts'
import type { PlannedOperation, Replanned } from '../record/plan-rows.ts'
import type { Whereabouts } from '../resolve/passed-over.ts'
import type { Mode, RecordResult } from '../types.ts'
import type { RunContext } from './context.ts'

/** What follows from HubSpot's answer to one operation. */
export type Decision =
  | { readonly kind: 'store'; readonly result: StoredResult }
  /** The record is gone and the mode wants it: make it again, in full. */
  | { readonly kind: 'make-again'; readonly operation: PlannedOperation }
  /** Nobody knows whether a record was made: look. */
  | { readonly kind: 'look' }
  /** HubSpot passed over the update of a record: ask where the record is. */
  | { readonly kind: 'ask-for-record' }

/** What of a sync decides about an answer. */
export interface Deciding {
  readonly mode: Mode
  /** Some properties are not always written: a record that is made again is made by the next run, which knows what a create sends. */
  readonly hasPolicies?: boolean
}

/** Turns an answer into a recorded outcome, by the mode of the sync. */
export function decide(
  { mode, hasPolicies = false }: Deciding,
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
  const isBound = operation.kind === 'update'
  switch (result.outcome) {
    case 'missing':
      if (mode === 'upsert' && isBound && hasPolicies) {
        return store('pending', {
          isDoubtful: false,
          error: {
            category: 'RECORD_GONE',
            message:
              'The record does not exist in HubSpot any more; the next run makes it anew, with what only a create sends.',
          },
        })
      }
      return mode === 'upsert' && isBound && operation.matchValue !== undefined
        ? { kind: 'make-again', operation: asUpsert(operation) }
        : store('skipped', {
            error: {
              category: 'RECORD_GONE',
              message: 'The record does not exist in HubSpot any more.',
            },
          })
    case 'conflict':
      return operation.kind === 'create' && mode === 'insert'
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

/** What follows once it is known where the record of a passed-over update is. */
export function decidePassedOver(
  deciding: Deciding,
  operation: PlannedOperation,
  whereabouts: Whereabouts,
): Exclude<Decision, { kind: 'look' | 'ask-for-record' }> {
  const { sequence } = operation
  switch (whereabouts.kind) {
    case 'gone': {
      const decision = decide(deciding, operation, { sequence, outcome: 'missing' })
      if (decision.kind === 'store' || decision.kind === 'make-again') return decision
      throw new TypeError('a missing record needs no look-up')
    }
    case 'there':
      return { kind: 'store', result: { sequence, outcome: 'pending', isDoubtful: true } }
    case 'merged':
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

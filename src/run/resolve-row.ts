import type { FoundRecord } from '../destination/destination.ts'
import { UserError } from '../errors.ts'
import { type StoredResult, storeResults } from '../record/checkpoint.ts'
import { mergeLeftovers } from '../record/merge-run.ts'
import type { PlannedOperation } from '../record/plan-rows.ts'
import { readStateRow } from '../record/row-history.ts'
import { readOwner, readUnknownOperation } from '../record/unknown-rows.ts'
import { holds } from '../resolve/settle.ts'
import type { ObjectSchema, Sync } from '../types.ts'
import { retried } from './asking.ts'
import type { RunContext } from './context.ts'
import { mergeRequest } from './recover.ts'

/** What settling a row by hand needs of a run. */
export type ResolveContext = Pick<
  RunContext,
  'ledger' | 'destination' | 'settings' | 'clock' | 'sleep' | 'random' | 'drain' | 'log' | 'say'
>

/** What somebody says became of an unknown row: this record, or none. */
export type Verdict = { readonly recordId: string } | 'resend'

/** What was done about it. */
export interface Resolved {
  readonly recordId: string | null
  /** The record holds what the row was sent. */
  readonly isAsSent: boolean
}

/**
 * Settles an unknown row as somebody says, through the same merge that a start uses: the state moves, and `changes` gets a row. A
 * record is read first. Called under the lease.
 *
 * @throws UserError when the row is not unknown, the record does not exist, or belongs to another row
 */
export async function resolveRow(
  context: ResolveContext,
  sync: Sync,
  schema: ObjectSchema,
  rowId: string,
  verdict: Verdict,
): Promise<Resolved> {
  const { ledger } = context
  const state = await readStateRow(ledger, sync.name, rowId)
  const unknown = await readUnknownOperation(ledger, sync.name, rowId)
  if (state?.status !== 'unknown' || unknown === undefined) {
    const is = state === undefined ? 'not known to the state' : state.status
    throw new UserError({
      message: `Row ${rowId} is not unknown: it is ${is}`,
      hint: `Unknown rows: ${context.say(`resolve ${sync.name}`)}. What is known of this one: ${context.say(`show ${sync.name} ${rowId}`)}`,
      sync: sync.name,
    })
  }
  const { runId, operation } = unknown
  const record =
    verdict === 'resend'
      ? undefined
      : await readRecord(context, sync, schema, rowId, verdict.recordId, operation)
  const result = outcomeOf(sync, operation, record)
  await storeResults(ledger, sync.name, runId, [result])
  await mergeLeftovers(ledger, mergeRequest(context, sync, runId))
  return {
    recordId: record?.recordId ?? null,
    isAsSent: record !== undefined && holds(record.properties, operation.properties),
  }
}

async function readRecord(
  context: ResolveContext,
  sync: Sync,
  schema: ObjectSchema,
  rowId: string,
  recordId: string,
  operation: PlannedOperation,
): Promise<FoundRecord> {
  const owner = await readOwner(context.ledger, sync.name, recordId, rowId)
  if (owner !== undefined) {
    throw new UserError({
      message: `Record ${recordId} belongs to row ${owner}: one record, one row`,
      hint: "Look again which record is the row's. If HubSpot has none: --resend",
      sync: sync.name,
    })
  }
  const [record] = await retried(context, (attempt) =>
    context.destination.find(
      {
        objectType: schema.name,
        property: 'hs_object_id',
        values: [recordId],
        properties: Object.keys(operation.properties),
      },
      context.drain,
      attempt,
    ),
  )
  if (record === undefined) {
    throw new UserError({
      message: `HubSpot has no record ${recordId} of ${schema.name}`,
      hint: "The record id is the last part of the record's address in HubSpot. If HubSpot has no record of the row: --resend",
      sync: sync.name,
    })
  }
  if (record.recordId !== recordId) {
    throw new UserError({
      message: `Record ${recordId} was merged into ${record.recordId} in HubSpot`,
      hint: `If that is the row's: --record ${record.recordId}`,
      sync: sync.name,
    })
  }
  return record
}

/**
 * Mode insert never changes a record, so the row is done once it has one. Elsewhere values that differ from what was sent are in
 * doubt, and the next run sends them.
 */
function outcomeOf(
  sync: Sync,
  { sequence, properties }: PlannedOperation,
  record: FoundRecord | undefined,
): StoredResult {
  if (record === undefined) {
    return {
      sequence,
      outcome: 'pending',
      isDoubtful: false,
      error: {
        category: 'RESEND_ASKED',
        message: 'Somebody said that HubSpot does not have it: the next run sends it.',
      },
    }
  }
  const { recordId } = record
  if (holds(record.properties, properties)) {
    return { sequence, outcome: 'succeeded', recordId, isCreated: true }
  }
  return sync.mode === 'insert'
    ? { sequence, outcome: 'succeeded', recordId }
    : {
        sequence,
        outcome: 'pending',
        recordId,
        isDoubtful: true,
        error: {
          category: 'ANSWER_LOST',
          message: 'Somebody said which record it is; its values are sent again.',
        },
      }
}

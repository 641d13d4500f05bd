import { DestinationError } from '../../errors.ts'
import type { Batch, LinkFacts, Operation, RecordError, RecordResult } from '../../types.ts'
import type { Reply } from './exchange.ts'
import { asArray, asRecord, asText, asTexts } from './json.ts'
import { readRecordError } from './record-errors.ts'

/** What an answer to a request for links says of each of them. */

/** Category of a link whose other end HubSpot does not have: it waits. */
const TARGET_MISSING = 'TARGET_MISSING'

/** Category of a link too many for one of its records. */
const LINK_LIMIT = 'LINK_LIMIT'

export const linkOf = (operation: Operation): LinkFacts => {
  if (operation.link === undefined) throw new TypeError(`operation ${operation.sequence}: no link`)
  return operation.link
}

export function endsOf(operation: Operation): { readonly fromId: string; readonly toId: string } {
  if (operation.recordId === undefined) {
    throw new TypeError(`operation ${operation.sequence}: a link from no record`)
  }
  return { fromId: operation.recordId, toId: linkOf(operation).toId }
}

const pairOf = (fromId: string, toId: string): string => `${fromId} ${toId}`

/**
 * Says for each pair what the answer says about it. Results name the pair. Errors name the ids of one end, in their context or in their
 * sentence, or nobody: what is left over on both sides belongs together when it is one pair, or when all errors say the same.
 */
export function accountForLinks(batch: Batch, reply: Reply): readonly RecordResult[] {
  const shared = {
    requestId: reply.requestId,
    ...(reply.correlationId === undefined ? {} : { correlationId: reply.correlationId }),
  }
  const errors = asArray(reply.body['errors']).map(readLinkError)
  const done = new Map<string, number>()
  for (const result of asArray(reply.body['results']).map(asRecord)) {
    const pair = pairOf(endId(result, 'from'), endId(result, 'to'))
    done.set(pair, (done.get(pair) ?? 0) + 1)
  }
  // An answer without content says that all is done, and so does one to a removal that names no errors.
  const isAllDone = reply.status === 204 || (batch.kind === 'dissociate' && errors.length === 0)
  const answers = (operation: Operation): number => {
    const { fromId, toId } = endsOf(operation)
    return done.get(pairOf(fromId, toId)) ?? 0
  }
  const mirrored = mirroredOf(batch)
  const open = batch.operations.filter(
    (operation) => !isAllDone && answers(operation) < (mirrored.has(operation) ? 2 : 1),
  )
  const refused = matchErrors(open, errors)
  const silent = open.filter((operation) => !refused.has(operation) && answers(operation) === 0)
  const unclaimed = errors.filter((error) => ![...refused.values()].includes(error))
  if (silent.length > 1 && unclaimed.length > 0 && open.length === batch.operations.length) {
    throw unnamed(unclaimed.length, batch, reply)
  }
  // A removal lists what went wrong, and nothing else.
  const isOfErrorsOnly = batch.kind === 'dissociate' && unclaimed.length === 0
  const silence = new Set(isOfErrorsOnly ? [] : silent)
  return batch.operations.map((operation): RecordResult => {
    const { sequence } = operation
    const refusal = refused.get(operation)
    const recordId = endsOf(operation).fromId
    if (refusal !== undefined) return { ...refusedLink(operation, refusal), ...shared }
    return silence.has(operation)
      ? { sequence, recordId, ...SILENT, ...shared }
      : { sequence, recordId, outcome: 'succeeded', ...shared }
  })
}

/**
 * Unlabelled links whose ids the other way round are those of another link of the batch (of two objects, ids may repeat): the answer lists
 * each link from both sides, so that one mention may be the other's.
 */
function mirroredOf({ operations }: Batch): ReadonlySet<Operation> {
  const pairs = new Set(
    operations.map((operation) => pairOf(endsOf(operation).fromId, endsOf(operation).toId)),
  )
  return new Set(
    operations.filter((operation) => {
      const { fromId, toId } = endsOf(operation)
      const isUnlabelled = operation.kind === 'associate' && linkOf(operation).types.length === 0
      return isUnlabelled && fromId !== toId && pairs.has(pairOf(toId, fromId))
    }),
  )
}

const SILENT = {
  outcome: 'unknown',
  error: { category: 'NOT_ACCOUNTED_FOR', message: "HubSpot's answer does not mention the link" },
} as const

/** `fromObjectId` as the API has it, or `from: {id}`. */
const endId = (result: Readonly<Record<string, unknown>>, end: 'from' | 'to'): string =>
  asText(result[`${end}ObjectId`]) ?? asText(asRecord(result[end])['id']) ?? ''

interface LinkRefusal {
  readonly outcome: RecordResult['outcome']
  readonly error: RecordError
  readonly fromIds: readonly string[]
  readonly toIds: readonly string[]
  /** Of either end. */
  readonly ids: readonly string[]
}

function readLinkError(value: unknown): LinkRefusal {
  const { outcome: said, error, ids } = readRecordError(value)
  // No link has a value of its own that another could hold.
  const outcome = said === 'conflict' ? 'rejected' : said
  const { context: facts, subCategory } = asRecord(value)
  const isLimit =
    outcome === 'rejected' && /\blimit\b|_LIMIT/i.test(`${asText(subCategory)} ${error.message}`)
  const context = asRecord(facts)
  const fromIds = asTexts(context['fromObjectId'])
  const toIds = asTexts(context['toObjectId'])
  const named = [...ids, ...fromIds, ...toIds]
  return {
    outcome,
    error: isLimit ? { ...error, category: LINK_LIMIT } : error,
    fromIds,
    toIds,
    ids: named.length > 0 ? ids : wordsOf(error.message),
  }
}

/** What may be an id in a sentence: `Object 5 cannot be associated to itself (5)`, `CONTACT=5 is not valid`. */
export const wordsOf = (message: string): readonly string[] => message.match(/[\w-]+/g) ?? []

function matchErrors(
  operations: readonly Operation[],
  refusals: readonly LinkRefusal[],
): ReadonlyMap<Operation, LinkRefusal> {
  const refused = new Map<Operation, LinkRefusal>()
  const byFrom = new Map<string, LinkRefusal>()
  const byTo = new Map<string, LinkRefusal>()
  const byPair = new Map<string, LinkRefusal>()
  for (const refusal of refusals) {
    const { fromIds, toIds, ids } = refusal
    if (fromIds.length > 0 && toIds.length > 0) {
      for (const from of fromIds) for (const to of toIds) byPair.set(pairOf(from, to), refusal)
      continue
    }
    for (const id of [...fromIds, ...ids]) byFrom.set(id, byFrom.get(id) ?? refusal)
    for (const id of [...toIds, ...ids]) byTo.set(id, byTo.get(id) ?? refusal)
  }
  for (const operation of operations) {
    const { fromId, toId } = endsOf(operation)
    const refusal = byPair.get(pairOf(fromId, toId)) ?? byFrom.get(fromId) ?? byTo.get(toId)
    if (refusal !== undefined) refused.set(operation, refusal)
  }
  const left = operations.filter((operation) => !refused.has(operation))
  const unclaimed = refusals.filter((each) => ![...refused.values()].includes(each))
  const [first] = unclaimed
  const isOneReason = unclaimed.every(({ error }) => error.message === first?.error.message)
  const belong = left.length === 1 || (isOneReason && left.length === unclaimed.length)
  if (first !== undefined && belong) for (const operation of left) refused.set(operation, first)
  return refused
}

/** Between records that are not there is nothing to take off. */
function refusedLink(operation: Operation, refusal: LinkRefusal): RecordResult {
  const { fromIds, toIds, ids, outcome, error } = refusal
  const { fromId, toId } = endsOf(operation)
  const missing =
    outcome === 'missing'
      ? { isFrom: [...fromIds, ...ids].includes(fromId), isTo: [...toIds, ...ids].includes(toId) }
      : undefined
  return {
    sequence: operation.sequence,
    recordId: fromId,
    ...(missing === undefined
      ? { outcome, error }
      : operation.kind === 'dissociate'
        ? { outcome: 'succeeded' }
        : missingEnd(missing, error)),
  }
}

/** The record at this end is missing only where HubSpot says so: it would be made anew. */
function missingEnd(
  { isFrom, isTo }: { readonly isFrom: boolean; readonly isTo: boolean },
  error: RecordError,
): Pick<RecordResult, 'outcome'> & { readonly error: RecordError } {
  return isFrom && !isTo
    ? { outcome: 'missing', error }
    : { outcome: 'pending', error: { ...error, category: TARGET_MISSING } }
}

/** What a refusal of a request of one pair says about it; its category and sentence are all that is known. */
export function refusedAlone(operation: Operation, error: DestinationError): RecordResult {
  const ids = wordsOf(error.vendorMessage ?? '')
  const outcome = error.category === 'OBJECT_NOT_FOUND' ? 'missing' : 'rejected'
  const facts = { category: error.category, message: error.vendorMessage ?? error.message }
  return {
    ...refusedLink(operation, { outcome, error: facts, fromIds: [], toIds: [], ids }),
    ...(error.correlationId === undefined ? {} : { correlationId: error.correlationId }),
    ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
  }
}

/** Like a refusal of the whole content: whoever is to blame is found by halving. */
function unnamed(count: number, { operations }: Batch, reply: Reply): DestinationError {
  return new DestinationError({
    action: `write ${operations.length} links`,
    detail: `HubSpot refused ${count} of them without saying which`,
    category: 'VALIDATION_ERROR',
    disposition: 'terminal',
    isContent: true,
    status: reply.status,
    correlationId: reply.correlationId,
    requestId: reply.requestId,
    hint: 'Look at the error of each link.',
  })
}

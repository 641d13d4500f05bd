import { DestinationError } from '../../errors.ts'
import type {
  Batch,
  Link,
  LinkFacts,
  LinkType,
  Operation,
  RecordError,
  RecordResult,
} from '../../types.ts'
import type { LinksPage, LinksRequest } from '../destination.ts'
import type { CallContext, HubspotClient, LinkInput } from './client.ts'
import type { Reply } from './exchange.ts'
import { asArray, asRecord, asText, asTexts } from './json.ts'
import { readRecordError } from './record-errors.ts'

/** Pairs a request, and records whose links one request reads (developers.hubspot.com, "Associations v4", checked 2026-11-23). */
export const MAX_LINKS = 2000
export const MAX_LINK_READS = 1000

/** Category of a link whose other end HubSpot does not have: it waits. */
const TARGET_MISSING = 'TARGET_MISSING'

/** Category of a link too many for one of its records. */
const LINK_LIMIT = 'LINK_LIMIT'

/** Types of links from one object to another, the unlabelled one first. */
export async function readLinkTypes(
  client: HubspotClient,
  from: string,
  to: string,
  context: CallContext,
): Promise<readonly LinkType[]> {
  const { body } = await client.listLinkTypes(from, to, context)
  const types = asArray(body['results']).flatMap((value) => readType(asRecord(value)) ?? [])
  return types.toSorted(
    (a, b) => Number(a.label !== null) - Number(b.label !== null) || a.typeId - b.typeId,
  )
}

function readType(type: Readonly<Record<string, unknown>>): LinkType | undefined {
  const typeId = Number(asText(type['typeId']))
  const category = asText(type['category'])
  if (category === undefined || !Number.isInteger(typeId)) return undefined
  const label = asText(type['label'])
  return {
    category,
    typeId,
    label: label === '' ? null : (label ?? null),
    name: asText(type['name']),
  }
}

/** HubSpot's word for "there is nothing": a record without links is told among the errors. */
const NO_LINKS = 'crm.associations.NO_ASSOCIATIONS_FOUND'

/**
 * One page of the links of some records. A record that is in no list of the answer has none.
 *
 * @throws DestinationError `INCOMPLETE_ANSWER` (transient) when HubSpot failed to read the links of a record
 */
export async function readLinks(
  client: HubspotClient,
  { from, to, records }: LinksRequest,
  context: CallContext,
): Promise<LinksPage> {
  if (records.length === 0) return { links: [], next: [] }
  const reply = await client.readLinks(from, to, records, context)
  const failed = asArray(reply.body['errors']).filter((error) => !isNothing(asRecord(error)))
  if (failed.length > 0) throw unread(failed.length, reply)
  const links: Link[] = []
  const next: { id: string; after: string }[] = []
  for (const value of asArray(reply.body['results'])) {
    const result = asRecord(value)
    const fromId = asText(asRecord(result['from'])['id'])
    if (fromId === undefined) continue
    for (const end of asArray(result['to']).map(asRecord)) {
      const toId = asText(end['toObjectId'])
      if (toId === undefined) continue
      const types = asArray(end['associationTypes']).flatMap(
        (each) => readType(asRecord(each)) ?? [],
      )
      links.push({ fromId, toId, types })
    }
    const after = asText(asRecord(asRecord(result['paging'])['next'])['after'])
    // A cursor that comes again would be asked for ever.
    const isNew = records.some(({ id, after: before }) => id === fromId && before !== after)
    if (after !== undefined && isNew) next.push({ id: fromId, after })
  }
  return { links, next }
}

function isNothing(error: Readonly<Record<string, unknown>>): boolean {
  const { outcome } = readRecordError(error)
  return (
    asText(error['subCategory']) === NO_LINKS || outcome === 'missing' || outcome === 'rejected'
  )
}

function unread(count: number, reply: Reply): DestinationError {
  return new DestinationError({
    action: 'read links',
    detail: `the answer does not have those of ${count} records`,
    category: 'INCOMPLETE_ANSWER',
    disposition: 'transient',
    status: reply.status,
    correlationId: reply.correlationId,
    requestId: reply.requestId,
    hint: 'HubSpot left records out of its answer; run again, and tell its support the correlation id if it stays',
  })
}

/**
 * Sets the types of links, or takes links off, in one request.
 *
 * @returns one result per operation, in order
 * @throws DestinationError as `writeBatch`; also when some pairs are refused and the answer does not say which, so that the batch is halved
 */
export async function writeLinks(
  client: HubspotClient,
  batch: Batch,
  context: CallContext,
): Promise<readonly RecordResult[]> {
  try {
    return accountForLinks(batch, await request(client, batch, context))
  } catch (error) {
    const refused = error instanceof DestinationError ? namedIn(error, batch) : new Set()
    if (!(error instanceof DestinationError) || refused.size === 0) throw error
    return batch.operations.map((operation) =>
      refused.has(operation)
        ? refusedAlone(operation, error)
        : { sequence: operation.sequence, recordId: endsOf(operation).fromId, ...UNSENT },
    )
  }
}

/**
 * Links that the refusal of a whole request names: those of a type that is gone, or with a record that is not there. The others are sent
 * again without them, which takes one call where halving takes many.
 */
function namedIn(error: DestinationError, { operations }: Batch): ReadonlySet<Operation> {
  const words = new Set(wordsOf(error.vendorMessage ?? ''))
  const isNamed = (operation: Operation): boolean => {
    if (error.category === 'LINK_TYPE_UNKNOWN')
      return linkOf(operation).types.some(({ typeId }) => words.has(String(typeId)))
    if (error.category !== 'OBJECT_NOT_FOUND') return false
    const { fromId, toId } = endsOf(operation)
    return words.has(fromId) || words.has(toId)
  }
  return new Set(operations.filter(isNamed))
}

const UNSENT = {
  outcome: 'unknown',
  error: { category: 'NOT_ACCOUNTED_FOR', message: 'refused together with another link' },
} as const

function request(client: HubspotClient, batch: Batch, context: CallContext): Promise<Reply> {
  const { objectType, toObject, operations } = batch
  if (toObject === undefined) throw new TypeError('links without an object at their other end')
  const inputs = operations.map(
    (each): LinkInput => ({ ...endsOf(each), types: linkOf(each).types }),
  )
  const untyped = inputs.filter(({ types }) => types.length === 0).length
  if (untyped > 0 && untyped < inputs.length) {
    throw new TypeError('links with types and links without are written by different requests')
  }
  const [typed, whole] =
    batch.kind === 'associate'
      ? [client.associate, client.associateDefault]
      : [client.dissociateTypes, client.dissociate]
  return (untyped > 0 ? whole : typed)(objectType, toObject, inputs, context)
}

const linkOf = (operation: Operation): LinkFacts => {
  if (operation.link === undefined) throw new TypeError(`operation ${operation.sequence}: no link`)
  return operation.link
}

function endsOf(operation: Operation): { readonly fromId: string; readonly toId: string } {
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
  const silence = new Set(silent)
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
  const { outcome, error, ids } = readRecordError(value)
  const { context: facts, subCategory } = asRecord(value)
  const isLimit = /LIMIT/.test(asText(subCategory) ?? '') && outcome === 'rejected'
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
const wordsOf = (message: string): readonly string[] => message.match(/[\w-]+/g) ?? []

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
    ...(missing === undefined ? { outcome, error } : missingEnd(missing, error)),
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

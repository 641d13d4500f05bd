import { DestinationError } from '../../errors.ts'
import type { Batch, Link, LinkType, Operation, RecordResult } from '../../types.ts'
import type { LinksPage, LinksRequest } from '../destination.ts'
import type { CallContext } from './calls.ts'
import type { LinkEndpoints, LinkInput } from './endpoints/links.ts'
import type { Reply } from './exchange.ts'
import { asArray, asRecord, asText, asTexts } from './json.ts'
import { accountForLinks, endsOf, linkOf, refusedAlone, wordsOf } from './link-answers.ts'
import { listOf, nextOf } from './listed.ts'
import { readRecordError } from './record-errors.ts'

/** Pairs a request, and records whose links one request reads (developers.hubspot.com, "Associations v4", checked 2026-11-23). */
export const MAX_LINKS = 2000
export const MAX_LINK_READS = 1000

/** Types of links from one object to another, the unlabelled one first. */
export async function readLinkTypes(
  client: LinkEndpoints,
  from: string,
  to: string,
  context: CallContext,
): Promise<readonly LinkType[]> {
  const reply = await client.listLinkTypes(from, to, context)
  const results = listOf(reply, `list the types of links from ${from} to ${to}`)
  const types = results.flatMap((value) => readType(asRecord(value)) ?? [])
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

/** HubSpot's word for "there is nothing": a record without links is told among the errors, and so is one that is not there. */
const NO_LINKS = 'crm.associations.NO_ASSOCIATIONS_FOUND'

/**
 * One page of the links of some records. What is known of a record is what the answer says of it: a record with links stands among the
 * results, one without any among the errors, by name, beneath status 207 (seen in answers of real accounts; the specification has no
 * word on it, checked 2026-11-26). What stands in neither is not known.
 *
 * @throws DestinationError when the answer as a whole is none
 */
export async function readLinks(
  client: LinkEndpoints,
  { from, to, records }: LinksRequest,
  context: CallContext,
): Promise<LinksPage> {
  if (records.length === 0) return { links: [], next: [], unread: [] }
  const reply = await client.readLinks(from, to, records, context)
  const results = listOf(reply, `read the links of ${from} to ${to}`).map(asRecord)
  const before = new Map(records.map(({ id, after }) => [id, after]))
  const answered = withoutLinks(before, asArray(reply.body['errors']).map(asRecord))
  const links: Link[] = []
  const next: { id: string; after: string }[] = []
  for (const result of results) {
    const fromId = asText(asRecord(result['from'])['id'])
    const found = fromId === undefined ? undefined : linksOf(fromId, result['to'])
    if (fromId === undefined || found === undefined) continue
    const after = nextOf(result)
    // A cursor that comes again would be asked for ever, and what follows it stays unknown.
    if (after !== undefined && before.get(fromId) === after) continue
    links.push(...found)
    answered.add(fromId)
    if (after !== undefined && before.has(fromId)) next.push({ id: fromId, after })
  }
  return { links, next, unread: records.map(({ id }) => id).filter((id) => !answered.has(id)) }
}

/** @returns undefined where what stands there cannot be read */
function linksOf(fromId: string, ends: unknown): readonly Link[] | undefined {
  if (!Array.isArray(ends)) return undefined
  const links: Link[] = []
  for (const end of ends.map(asRecord)) {
    const toId = asText(end['toObjectId'])
    const types = asArray(end['associationTypes']).map((type) => readType(asRecord(type)))
    const known = types.filter((type) => type !== undefined)
    if (toId === undefined || known.length === 0 || known.length < types.length) return undefined
    links.push({ fromId, toId, types: known })
  }
  return links
}

/** Records that the errors of an answer name as having no links, or as not being there. */
function withoutLinks(
  asked: ReadonlyMap<string, unknown>,
  errors: readonly Readonly<Record<string, unknown>>[],
): Set<string> {
  return new Set(
    errors.filter(isNothing).flatMap((error) => {
      const context = asRecord(error['context'])
      const named = [...readRecordError(error).ids, ...asTexts(context['fromObjectId'])]
      const words = named.length > 0 ? named : wordsOf(asText(error['message']) ?? '')
      return words.filter((word) => asked.has(word))
    }),
  )
}

function isNothing(error: Readonly<Record<string, unknown>>): boolean {
  const { outcome, error: read } = readRecordError(error)
  const isMalformedId = read.category === 'VALIDATION_ERROR'
  return asText(error['subCategory']) === NO_LINKS || outcome === 'missing' || isMalformedId
}

/**
 * Sets the types of links, or takes links off, in one request.
 *
 * @returns one result per operation, in order
 * @throws DestinationError as `writeBatch`; also when some pairs are refused and the answer does not say which, so that the batch is halved
 */
export async function writeLinks(
  client: LinkEndpoints,
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

function request(client: LinkEndpoints, batch: Batch, context: CallContext): Promise<Reply> {
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

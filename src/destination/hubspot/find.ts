import { DestinationError } from '../../errors.ts'
import { isContacts } from '../../object-types.ts'
import type { FindRequest, FoundRecord } from '../destination.ts'
import type { CallContext } from './calls.ts'
import type { RecordEndpoints } from './endpoints/records.ts'
import type { Reply } from './exchange.ts'
import { asArray, asRecord, asText } from './json.ts'
import { listOf } from './listed.ts'
import { readRecordError } from './record-errors.ts'

/** A contact is found by these, too, and then comes back with its primary e-mail in `email`. */
const SECONDARY_EMAILS = 'hs_additional_emails'
/** A record is found by the ids of those that were merged into it, and then comes back with its own. */
const MERGED_IDS = 'hs_merged_object_ids'
/** Not accepted as `idProperty`: left out, the ids are record ids. */
const RECORD_ID = 'hs_object_id'

interface ReadRecord {
  readonly recordId: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly createdAtMs: number
  readonly archivedAtMs: number
  /** Values of the asked property by which HubSpot may have found it, folded. */
  readonly keys: readonly string[]
}

/**
 * Looks records up by a unique property (or record id) in one batch read; archived records are found only where they are asked for. E-mail
 * addresses that differ only in case are asked once and answered in each spelling; other values are what they are.
 *
 * @param request at most 100 values
 * @returns one entry per asked value that was found
 * @throws DestinationError; `INCOMPLETE_ANSWER` (transient) when the answer accounts for a value neither as found nor as missing
 */
export async function findRecords(
  client: RecordEndpoints,
  request: FindRequest,
  context: CallContext,
): Promise<readonly FoundRecord[]> {
  const isByEmail = request.property === 'email' && isContacts(request.objectType)
  const keyOf = isByEmail ? fold : (value: string) => value
  const asked = new Map<string, string[]>()
  for (const value of request.values) {
    const spellings = asked.get(keyOf(value)) ?? []
    asked.set(keyOf(value), spellings.includes(value) ? spellings : [...spellings, value])
  }
  if (asked.size === 0) return []
  const isById = request.property === RECORD_ID
  const properties = new Set([...request.properties, request.property])
  if (isByEmail) properties.add(SECONDARY_EMAILS)
  if (isById) properties.add(MERGED_IDS)
  const reply = await client.readBatch(
    request.objectType,
    {
      ids: [...asked.values()].flatMap(([first]) => first ?? []),
      properties: [...properties],
      ...(isById ? {} : { idProperty: request.property }),
      ...(request.isArchived === true ? { isArchived: true } : {}),
    },
    context,
  )
  const found = matchFound(
    new Set(asked.keys()),
    readRecords(reply, request.property, keyOf),
    reply,
    keyOf,
  )
  return [...found].flatMap(([key, record]) =>
    (asked.get(key) ?? []).map((value) => ({
      recordId: record.recordId,
      value,
      properties: pick(record.properties, request.properties),
      createdAtMs: record.createdAtMs,
      ...(Number.isNaN(record.archivedAtMs) ? {} : { archivedAtMs: record.archivedAtMs }),
    })),
  )
}

function matchFound(
  asked: ReadonlySet<string>,
  records: readonly ReadRecord[],
  reply: Reply,
  keyOf: (value: string) => string,
): ReadonlyMap<string, ReadRecord> {
  const found = new Map<string, ReadRecord>()
  const unclaimed = new Set(records)
  for (const record of records) {
    for (const key of record.keys) {
      if (!asked.has(key)) continue
      found.set(key, record)
      unclaimed.delete(record)
    }
  }
  const missing = new Set(missingValues(reply).map(keyOf))
  claimRewritten(asked, missing, found, unclaimed)
  const open = [...asked].filter((key) => !found.has(key) && !missing.has(key))
  const [key, ...more] = open
  const [record, ...others] = unclaimed
  if (key !== undefined && more.length === 0 && record !== undefined && others.length === 0) {
    found.set(key, record)
  } else if (key !== undefined) {
    throw incompleteAnswer(open.length, asked.size, reply)
  }
  return found
}

/** Values that HubSpot gave back in another spelling, where only one record can be meant. */
function claimRewritten(
  asked: ReadonlySet<string>,
  missing: ReadonlySet<string>,
  found: Map<string, ReadRecord>,
  unclaimed: Set<ReadRecord>,
): void {
  for (const key of asked) {
    if (found.has(key) || missing.has(key)) continue
    const alike = [...unclaimed].filter((record) => record.keys.map(fold).includes(fold(key)))
    const [only] = alike
    if (only === undefined || alike.length > 1) continue
    found.set(key, only)
    unclaimed.delete(only)
  }
}

function readRecords(
  reply: Reply,
  property: string,
  keyOf: (value: string) => string,
): readonly ReadRecord[] {
  return listOf(reply, `read records by ${property}`).flatMap((value) => {
    const result = asRecord(value)
    const recordId = asText(result['id'])
    if (recordId === undefined) return []
    const properties = asRecord(result['properties'])
    const alias = { email: SECONDARY_EMAILS, [RECORD_ID]: MERGED_IDS }[property]
    const secondary = alias === undefined ? [] : (asText(properties[alias]) ?? '').split(';')
    const own = property === RECORD_ID ? recordId : asText(properties[property])
    return [
      {
        recordId,
        properties,
        createdAtMs: Date.parse(asText(result['createdAt']) ?? ''),
        archivedAtMs: Date.parse(asText(result['archivedAt']) ?? ''),
        keys: [own ?? '', ...secondary].map(keyOf).filter((key) => key !== ''),
      },
    ]
  })
}

/**
 * Values that HubSpot says it has no record for, and those it calls malformed: no record can have them. Any other error, of a scope that
 * is missing say, is no word that there is no record.
 */
function missingValues(reply: Reply): readonly string[] {
  return asArray(reply.body['errors'])
    .map(readRecordError)
    .filter(({ outcome, error }) => outcome === 'missing' || error.category === 'VALIDATION_ERROR')
    .flatMap((refusal) => refusal.ids)
}

function pick(
  properties: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(names.map((name) => [name, asText(properties[name]) ?? null]))
}

function fold(value: string): string {
  return value.trim().toLowerCase()
}

function incompleteAnswer(open: number, asked: number, reply: Reply): DestinationError {
  return new DestinationError({
    action: `read ${asked} records`,
    detail: `the answer does not account for ${open} of them`,
    category: 'INCOMPLETE_ANSWER',
    disposition: 'transient',
    status: reply.status,
    correlationId: reply.correlationId,
    requestId: reply.requestId,
    hint: 'HubSpot left records out of its answer; run again, and tell its support the correlation id if it stays',
  })
}

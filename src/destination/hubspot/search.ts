import type { SearchPage, SearchRequest } from '../destination.ts'
import type { CallContext } from './calls.ts'
import type { RecordEndpoints } from './endpoints/records.ts'
import { asRecord, asText } from './json.ts'
import { listOf, nextOf } from './listed.ts'
import { SEARCH_LIMITS, searchBody } from './search-body.ts'

/** One page of the records whose property has one of the values. A record that HubSpot gives for none of them is left out. */
export async function searchRecords(
  client: RecordEndpoints,
  { objectType, property, values, after = '0' }: SearchRequest,
  context: CallContext,
): Promise<SearchPage> {
  const reply = await client.search(
    objectType,
    values.length,
    searchBody(property, values, after),
    context,
  )
  const asked = new Map(
    values.flatMap((value) => keysOf(value).map((key) => [key, value] as const)).reverse(),
  )
  const records = listOf(reply, `search ${objectType} by ${property}`).flatMap((entry) => {
    const record = asRecord(entry)
    const recordId = asText(record['id'])
    const held = asText(asRecord(record['properties'])[property]) ?? ''
    const key = keysOf(held).find((each) => asked.has(each))
    if (recordId === undefined || key === undefined) return []
    const createdAtMs = Date.parse(asText(record['createdAt']) ?? '')
    const value = asked.get(key) ?? ''
    return [{ recordId, value, properties: { [property]: held }, createdAtMs }]
  })
  const next = nextOf(reply.body)
  return {
    records,
    isCut: Number(reply.body['total'] ?? 0) > SEARCH_LIMITS.results,
    ...(next === undefined ? {} : { next }),
  }
}

/** What a value goes by: as it is, as text whatever its case, and as a number however it is written. */
function keysOf(value: string): readonly string[] {
  const number = Number(value)
  const isNumber = value.trim() !== '' && Number.isFinite(number)
  return [`=${value}`, `~${value.trim().toLowerCase()}`, ...(isNumber ? [`#${number}`] : [])]
}

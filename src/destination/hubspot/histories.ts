import type { Histories, HistoryRequest, LatestWrite } from '../destination.ts'
import type { CallContext } from './calls.ts'
import type { RecordEndpoints } from './endpoints/records.ts'
import { asArray, asRecord, asText } from './json.ts'
import { listOf } from './listed.ts'

/**
 * Records per batch read that asks for histories. HubSpot's specs say 100 for any, and its servers refuse more than 50 here: "The maximum
 * number of inputs supported in a batch request for property histories is 50" (quoted from real accounts in
 * github.com/activepieces/activepieces/pull/9359 and github.com/PipedreamHQ/pipedream/pull/8462, checked 2026-11-26).
 */
export const MAX_HISTORIES = 50

/**
 * Reads who wrote the present values of properties, in one batch read.
 *
 * @param request at most `MAX_HISTORIES` records
 * @throws DestinationError
 */
export async function readHistories(
  client: RecordEndpoints,
  { objectType, recordIds, properties }: HistoryRequest,
  context: CallContext,
): Promise<Histories> {
  if (recordIds.length === 0) return new Map()
  const reply = await client.readBatch(
    objectType,
    { ids: recordIds, properties: [], histories: properties },
    context,
  )
  return new Map(
    listOf(reply, `read the histories of ${recordIds.length} ${objectType}`)
      .map(asRecord)
      .flatMap((result) => {
        const recordId = asText(result['id'])
        if (recordId === undefined) return []
        const byProperty = Object.entries(asRecord(result['propertiesWithHistory']))
        const latest = byProperty.flatMap(([name, versions]) => {
          const write = latestOf(asArray(versions))
          return write === undefined ? [] : [[name, write] as const]
        })
        return [[recordId, new Map(latest)] as const]
      }),
  )
}

/** Whatever the order of the answer, which HubSpot does not promise. */
function latestOf(versions: readonly unknown[]): LatestWrite | undefined {
  let latest: LatestWrite | undefined
  for (const version of versions) {
    const write = readWrite(asRecord(version))
    if (latest === undefined || write.atMs > latest.atMs) latest = write
  }
  return latest
}

function readWrite(version: Readonly<Record<string, unknown>>): LatestWrite {
  const [sourceId, sourceLabel] = [asText(version['sourceId']), asText(version['sourceLabel'])]
  const userId =
    asText(version['updatedByUserId']) ?? /^userId:(\d+)$/.exec(sourceId ?? '')?.[1] ?? undefined
  return {
    value: asText(version['value']) ?? '',
    atMs: Date.parse(asText(version['timestamp']) ?? ''),
    sourceType: asText(version['sourceType']) ?? 'UNKNOWN',
    ...(sourceId === undefined ? {} : { sourceId }),
    ...(sourceLabel === undefined ? {} : { sourceLabel }),
    ...(userId === undefined ? {} : { userId }),
  }
}

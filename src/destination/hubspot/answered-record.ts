import { asRecord, asText } from './json.ts'

/** A record in an answer's `results`, with only what tells whose it is. */
export interface AnsweredRecord {
  readonly recordId: string
  readonly traceId: string | undefined
  readonly isNew: boolean | undefined
  readonly properties: Readonly<Record<string, unknown>>
}

/** Reads one entry of an answer's `results`; none when it has no id. */
export function readAnsweredRecord(value: unknown): readonly AnsweredRecord[] {
  const record = asRecord(value)
  const recordId = asText(record['id'])
  if (recordId === undefined) return []
  const isNew = record['new']
  return [
    {
      recordId,
      traceId: asText(record['objectWriteTraceId']),
      isNew: typeof isNew === 'boolean' ? isNew : undefined,
      properties: asRecord(record['properties']),
    },
  ]
}

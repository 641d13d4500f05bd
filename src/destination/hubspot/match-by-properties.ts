import type { Operation } from '../../types.ts'
import type { AnsweredRecord } from './answered-record.ts'
import { asText } from './json.ts'

/**
 * Tells created records apart by what was sent, for answers without trace ids on object types without a unique
 * property. A pair counts only when neither side fits anything else: a wrong id in the state is worse than none. Of as many
 * equal operations as there are records for them it does not matter which record is whose.
 *
 * @returns pairs of operation and record; what fits several or none is left out
 */
export function matchByProperties(
  operations: readonly Operation[],
  records: readonly AnsweredRecord[],
): readonly (readonly [Operation, AnsweredRecord])[] {
  const groups = new Map<string, Operation[]>()
  for (const operation of operations) {
    const sent = JSON.stringify(Object.entries(operation.properties).sort())
    const group = groups.get(sent)
    if (group === undefined) groups.set(sent, [operation])
    else group.push(operation)
  }
  const equal = [...groups.values()]
  const fitting = equal.map(([first]) =>
    records.filter((record) => first !== undefined && fits(first, record)),
  )
  return equal.flatMap((group, at) => {
    const own = fitting[at] ?? []
    const rivals = fitting.filter((each) => each.some((record) => own.includes(record))).length
    if (own.length !== group.length || rivals !== 1) return []
    return group.flatMap((operation, index) => {
      const record = own[index]
      return record === undefined ? [] : [[operation, record] as const]
    })
  })
}

/** At least one sent value came back, and none came back otherwise. */
function fits(operation: Operation, record: AnsweredRecord): boolean {
  let isSupported = false
  for (const [name, sent] of Object.entries(operation.properties)) {
    const returned = asText(record.properties[name])
    if (sent === '' || returned === undefined) continue
    if (normalise(sent) !== normalise(returned)) return false
    isSupported = true
  }
  return isSupported
}

/** HubSpot may answer with other number, date and e-mail spellings than were sent. */
function normalise(value: string): string {
  const text = value.trim()
  if (/^-?\d+(\.\d+)?$/.test(text) && text.length <= 15) return String(Number(text))
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const atMs = Date.parse(text)
    if (!Number.isNaN(atMs)) return String(atMs)
  }
  return text.toLowerCase()
}

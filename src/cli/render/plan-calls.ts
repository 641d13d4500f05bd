import type { Plan } from '../../plan/plan.ts'
import { countOf, numberOf } from './words.ts'

/** The calls that a run makes, in words. */
export function callsOf({
  calls,
  mode,
  matchedBy,
  operations,
  backwards,
  rows,
  list,
}: Plan): string {
  const writes = countOf(calls.writes, 'write call')
  const lookups = [
    ...(calls.lookups > 0 ? [countOf(calls.lookups, 'look-up call')] : []),
    ...(calls.searches > 0 ? [countOf(calls.searches, 'search', 'searches')] : []),
  ]
  if (lookups.length === 0) return writes
  if (list?.corrections !== undefined)
    return `${writes}, ${numberOf(list.corrections)} more at most where the list is not as the model, ${lookups.join(' and ')} before`
  if (matchedBy !== 'search' || mode !== 'upsert' || (backwards?.unknownRows ?? 0) > 0)
    return `${writes}${rows.waiting > 0 ? '' : ' at most'}, ${lookups.join(' and ')} before`
  const isOpen = operations.upsert > 1 || operations.update > 0
  return `${writes}${isOpen ? ' (one more when only some records are there)' : ''}, ${lookups.join(' and ')} before`
}

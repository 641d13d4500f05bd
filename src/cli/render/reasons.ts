import { ERROR_TABLE, UNLISTED } from '../../destination/hubspot/error-table.ts'
import type { ReasonText } from './reason-text.ts'
import { linkReasons } from './reasons-of-links.ts'
import { listReasons } from './reasons-of-lists.ts'
import { requestReasons } from './reasons-of-requests.ts'
import { rowReasons } from './reasons-of-rows.ts'

const reasons: Readonly<Record<string, ReasonText>> = {
  ...rowReasons,
  ...listReasons,
  ...linkReasons,
  ...requestReasons,
}

/** What to do about a bad value that is none of a property, by what is named in place of one. */
const adviceByPlace: Readonly<Record<string, string>> = {
  associations:
    'Correct what the column of the association holds, or its label: docs/associations.md says which forms it may have.',
  _event:
    'Name an event that HubSpot has: `backhaul inspect events` lists them; `create_missing: true` makes one that is missing.',
  _occurred_at:
    'Give a timestamp, a date, or text in ISO 8601; numbers need `occurred_at: {column: …, as: epoch_ms}` (or `epoch_s`).',
}

/** All categories with a text of ours, for the page that lists them. */
export const reasonNames: readonly string[] = Object.keys(reasons)

/**
 * What a rejection or skip means, in our words, or in those for a whole request that HubSpot refused so.
 *
 * @param property the one at fault, where it is known, or what stands in its place
 */
export function describeReason(category: string, property: string | null = null): ReasonText {
  const text = textOf(category)
  const advice =
    category.toLowerCase() === 'invalid_value' ? adviceByPlace[property ?? ''] : undefined
  return advice === undefined ? text : { ...text, advice }
}

const textOf = (category: string): ReasonText =>
  knownReason(category) ?? {
    meaning: category.toLowerCase().replaceAll('_', ' '),
    advice: "HubSpot's message says why.",
  }

/** Undefined: nothing is written here of this category. */
export function knownReason(category: string): ReasonText | undefined {
  const known = reasons[category.toLowerCase()]
  if (known !== undefined) return known
  const entries = [...ERROR_TABLE, UNLISTED]
  const entry = entries.find((each) => each.category === category.toUpperCase())
  return entry && { meaning: entry.detail, advice: entry.hint }
}

import type { Sync } from '../types.ts'
import type { Finding } from './check.ts'
import type { ObjectSync } from './object-schema.ts'

/** The property that finds the record of a row, and the column that fills it. */
export type Match = NonNullable<Sync['match']>

/** Properties that people take for a user token; HubSpot matches contact records by none. */
const USER_TOKENS: readonly string[] = ['utk', 'hubspotutk', 'hutk', 'user_token', 'usertoken']

/** `match: {id: column}`, and HubSpot's own name for it. */
const RECORD_ID = 'hs_object_id'
const RECORD_ID_KEYS: readonly string[] = ['id', RECORD_ID]

/** What finds a record is no property that is written. */
export const isRecordId = ({ property }: Match): boolean => property === RECORD_ID

/** Undefined where rows find no record: mode insert needs none. */
type Matched = { readonly match: Match | undefined } | { readonly finding: Finding }

export function matchOf(input: ObjectSync): Matched {
  const entries = Object.entries(input.match ?? {})
  const [first] = entries
  if (first === undefined) {
    return input.mode === 'insert' && input.match === undefined
      ? { match: undefined }
      : { finding: missingMatch(input) }
  }
  if (entries.length > 1) return { finding: severalMatches(entries) }
  const [property, column] = first
  if (USER_TOKENS.includes(property.toLowerCase())) {
    return {
      finding: {
        path: ['match', property],
        message: 'HubSpot cannot find contact records by the user token',
        hint: 'Match by `email`, or send events (`type: event`), where `contact: {utk: column}` works.',
      },
    }
  }
  if (!RECORD_ID_KEYS.includes(property)) return { match: { property, column } }
  if (input.mode === 'update') return { match: { property: RECORD_ID, column } }
  return {
    finding: {
      path: ['match', property],
      message: `record ids find records in mode update only, not ${input.mode}: HubSpot gives the ids of new records itself`,
      hint: 'Use `mode: update`, or match by a property.',
    },
  }
}

const missingMatch = ({ mode }: ObjectSync): Finding => ({
  path: ['match'],
  message: `is required in mode ${mode}: it says how a row finds its record`,
  hint: 'For example `match: {email: email}` (HubSpot property: column).',
})

function severalMatches(
  entries: readonly (readonly [property: string, column: string])[],
): Finding {
  const names = entries.map(([property]) => property).join(', ')
  return {
    path: ['match'],
    message: `names ${entries.length} properties (${names}); records are found by exactly one`,
  }
}

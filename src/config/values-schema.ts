import { z } from 'zod'

/** Pieces that several kinds of sync share. Every key carries its description, default and an example. */

/** What the reference and the editor schema say about a key. */
export interface KeyFacts {
  readonly description: string
  readonly examples: readonly unknown[]
  /** The default in words, where it is no fixed value. */
  readonly defaultText?: string
}

/** Attaches the facts of a key; every key of every schema goes through here. */
export function key<Schema extends z.ZodType>(schema: Schema, facts: KeyFacts): Schema {
  return schema.meta(facts as unknown as Record<string, unknown>) as Schema
}

export const nonEmpty = z.string().trim().min(1, 'must not be empty')

export const columnName = z.string().trim().min(1, 'must not be empty')
export const flag = z.boolean()
export const count = z.int().min(0)

const THRESHOLD = 'must be a whole number of rows, or a percentage such as 10%'

/** A whole number of rows, or a share as percent text. */
export const threshold = z.union(
  [z.int().min(0), z.string().regex(/^\s*(100|\d{1,2})(\.\d+)?\s*%\s*$/, THRESHOLD)],
  { error: THRESHOLD },
)

/** HubSpot property → column, exactly one pair. */
export const match = z.record(z.string().min(1), columnName)

export const primaryKey = z.union([columnName, z.array(columnName).min(1)])

export const guards = z.strictObject({
  max_deletes: key(threshold.optional(), {
    description:
      'Stop before anything is written when more than this would be taken away: records cleared or archived, links and members of lists taken off. A number, or a percentage of the rows the state knows.',
    defaultText: 'the larger of 10% and 10 rows',
    examples: ['10%', 500],
  }),
  min_rows: key(count.optional(), {
    description: 'Stop when the model has fewer rows than this.',
    defaultText: '1 once the state holds rows, so that a model that is suddenly empty stops',
    examples: [1],
  }),
  max_changes: key(threshold.optional(), {
    description:
      'Stop when more than this would be written, first runs included: rows, and links that are made, relabelled or taken off. A number, or a percentage of the rows the state knows. A first run knows none: any percentage stops it.',
    defaultText: 'no limit',
    examples: [50000],
  }),
})

const NULL_POLICIES = ['clear', 'clear_always', 'keep'] as const
const INVALID_POLICIES = ['reject_row', 'drop_property'] as const

export const nullPolicy = z.enum(NULL_POLICIES)
export const invalidPolicy = z.enum(INVALID_POLICIES)
/** An IANA zone name. */
export const timeZone = z.string().refine(isTimeZone, 'is no IANA time zone')

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

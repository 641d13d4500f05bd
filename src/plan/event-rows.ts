import type { Dialect } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import type { DiffEvent, DiffProperty, DiffSpec, EventContact } from './diff-spec.ts'
import { names } from './step-columns.ts'

/** An address that HubSpot would take: enough to tell it from a name or an id in the wrong column. */
const emailPattern = '^[^@ ]+@[^@ ]+[.][^@ ]+$'

/** Why a row is refused for the record that it is about, in order of precedence. Over the step `listed`. @param missing where nothing says it */
export function contactReasons(
  dialect: Dialect,
  { by }: EventContact,
  missing: 'missing_contact' | 'missing_member',
): readonly { readonly when: Sql; readonly reason: string }[] {
  return [
    { when: sql`match_value is null`, reason: missing },
    ...(by === 'id'
      ? [
          {
            when: sql`translate(match_value, '0123456789', '') <> ''`,
            reason: 'no_record_id',
          },
        ]
      : []),
    ...(by === 'email'
      ? [
          {
            when: sql`not ${dialect.matches(raw('match_value'), emailPattern)}`,
            reason: 'no_email',
          },
        ]
      : []),
  ]
}

/** What the uuid of an event is made of, the same for the same row and event of a sync. Over the step `candidates`. */
export const eventDigest = (dialect: Dialect, { syncName }: DiffEvent, event: Sql): Sql =>
  dialect.digest(sql`${`${syncName}\n`} || ${event} || ${'\n'} || row_id`)

/** The value of a part of an event that stays as it was first meant to be sent; undefined for others. */
export function eventPart(
  dialect: Dialect,
  { event }: DiffSpec,
  { stays }: DiffProperty,
  index: number,
): Sql | undefined {
  if (event === undefined || stays === undefined) return undefined
  const [value, old] = [names.value(index), names.old(index)]
  if (stays === 'uuid') return sql`coalesce(${old}, ${uuidOf(value)})`
  const now = dialect.render(dialect.now(), 'timestamptz', { kind: 'datetime' }).value
  return sql`coalesce(${value}, ${old}, ${now})`
}

/** A digest in the form of a uuid (version 8: made as one likes). */
function uuidOf(digest: Sql): Sql {
  const part = (from: number, length: number) =>
    sql`substr(${digest}, ${raw(String(from))}, ${raw(String(length))})`
  return sql`${part(1, 8)} || '-' || ${part(9, 4)} || '-8' || ${part(14, 3)} || '-a' || ${part(18, 3)} || '-' || ${part(21, 12)}`
}

import type { Dialect } from '../../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../../warehouse/sql.ts'
import type { DiffEvent, DiffProperty, DiffSpec } from '../diff-spec.ts'
import { names } from './step-columns.ts'

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

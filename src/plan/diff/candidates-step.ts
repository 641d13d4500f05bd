import type { Dialect } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { allProperties, contactIn, type DiffSpec } from '../diff-spec.ts'
import { isBeforeStart, isCandidate, stateRows } from './candidates.ts'
import { asksWhetherSynced, asksWhoMade, removes } from './departed.ts'

/** The step `candidates`: rows that have to be looked at, with what the state knows of them. */
export function candidatesStep(dialect: Dialect, spec: DiffSpec): Sql {
  const record = recordOf(dialect, spec)
  const isNamed = spec.match?.by === 'record_id' || contactIn(spec) !== undefined
  const propertyNames = allProperties(spec).map(({ name }) => name)
  return sql`candidates as (
  select m.*, s.row_id as known_row_id, ${record}${raw(isNamed ? ' as record_id' : '')}, s.status as known_status,${knownOnlyToSome(spec)}
    ${dialect.openJson(heldBefore(spec, record), propertyNames)} as sent
  from model_rows as m
  full join ${stateRows(dialect, spec)} as s on s.row_id = m.row_id
  where (${isCandidate(dialect, spec)})${amongRows(spec)}
)`
}

/** `--row` looks at some rows only. */
const amongRows = ({ onlyRows }: DiffSpec): Sql =>
  onlyRows === undefined
    ? raw('')
    : sql`\n    and m.row_id in (${join(
        onlyRows.map((row) => sql`${row}`),
        ', ',
      )})`

/** Columns of what the state knows that only some syncs ask for; `handedOn` names them again. */
function knownOnlyToSome(spec: DiffSpec): Sql {
  const columns: Sql[] = []
  if (removes(spec)) columns.push(raw(' s.match_value as known_match_value,'))
  if (asksWhoMade(spec)) columns.push(raw(' s.created_here,'))
  const isKnown = isBeforeStart(spec)
  if (isKnown !== undefined) columns.push(claim(isKnown, 'is_known'))
  if (asksWhetherSynced(spec)) columns.push(claim(isUnsynced, 'is_unsynced'))
  if (spec.event !== undefined) {
    columns.push(raw('\n    case when s.first_synced_at is null then 0 else 1 end as is_sent,'))
  }
  if (spec.asksForContacts === true) columns.push(claim(isUnfound, 'is_unfound'))
  return join(columns, '')
}

const claim = (when: Sql, name: string): Sql =>
  sql`\n    case when ${when} then 1 else 0 end as ${raw(name)},`

const isUnsynced = raw('s.record_id is not null and s.first_synced_at is null')

/** HubSpot was asked whom the row is about, and did not know. */
const isUnfound = raw(
  "s.status = 'rejected' and s.error_category in ('UNKNOWN_CONTACT', 'UNKNOWN_MEMBER') and s.tried_fingerprint = m.fingerprint",
)

/** What the state has of the row's values. Of an event that is as much as it was first meant to be sent with. */
function heldBefore({ match, event, list }: DiffSpec, record: Sql): Sql {
  if (event !== undefined || list !== undefined) return raw('s.sent_values')
  return match?.by === 'record_id'
    ? sql`case when s.record_id = ${record} then s.sent_values end`
    : sql`case when s.record_id is null then null else s.sent_values end`
}

/**
 * The record that a row goes to. By record id the model has the last word: another id is another record. Whom an event is about, and
 * who a member is, is found out when it is sent.
 */
function recordOf(dialect: Dialect, { match, event, list }: DiffSpec): Sql {
  if (event !== undefined) return sql`cast(null as ${raw(dialect.type('text'))})`
  if (list !== undefined) {
    const given = raw(list.contact.by === 'id' ? 'm.match_value' : 'null')
    return sql`case when m.is_present is null then s.record_id else ${given} end`
  }
  if (match?.by !== 'record_id') return raw('s.record_id')
  return sql`case when m.is_present is null or (s.record_id is not null and s.match_value = m.match_value)
      then s.record_id else m.match_value end`
}

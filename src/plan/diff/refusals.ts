import type { Dialect } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { contactIn, type DiffSpec } from '../diff-spec.ts'
import { departedReason } from './departed.ts'
import { otherRows } from './other-rows.ts'
import { mayLack } from './required-groups.ts'

/** Why a row is refused before anything is sent. */
interface Refusal {
  /** Over the step `listed`, and what is joined to it. */
  readonly when: Sql
  readonly reason: string
  readonly detail?: Sql
  /** What `when` looks at besides. */
  readonly join?: Sql
}

/** The first refusal of a row with what it is about, and the joins that tell. A row that left has reasons of its own. */
export function refusalOf(
  dialect: Dialect,
  spec: DiffSpec,
): { readonly reason: Sql; readonly detail: Sql; readonly joins: Sql } {
  const refusals = refusalsOf(dialect, spec)
  const cases = (pick: (refusal: Refusal) => Sql, ofDeparted: Sql) =>
    sql`case when is_present is null then ${ofDeparted} ${join(
      refusals.map((refusal) => sql`when ${refusal.when} then ${pick(refusal)}`),
      ' ',
    )} end`
  return {
    reason: cases(({ reason }) => raw(`'${reason}'`), departedReason(spec)),
    detail: cases(({ detail }) => detail ?? raw('null'), raw('null')),
    joins: join(
      refusals.flatMap((refusal) => (refusal.join === undefined ? [] : [refusal.join])),
      '',
    ),
  }
}

/** In order of precedence. */
const refusalsOf = (dialect: Dialect, spec: DiffSpec): readonly Refusal[] => [
  ...keyRefusals(spec),
  ...startRefusals(spec),
  ...contactRefusals(dialect, spec),
  ...matchRefusals(spec),
  ...valueRefusals(spec),
  ...foreignRefusals(dialect, spec),
]

function keyRefusals({ hasRepeatedKeys }: DiffSpec): readonly Refusal[] {
  const missing: Refusal = { when: sql`listed.row_id is null`, reason: 'missing_key' }
  if (!hasRepeatedKeys) return [missing]
  return [
    missing,
    {
      when: sql`repeated_keys.row_id is not null`,
      reason: 'duplicate_key',
      join: sql`\n  left join repeated_keys on repeated_keys.row_id = listed.row_id`,
    },
  ]
}

function startRefusals({ start, event }: DiffSpec): readonly Refusal[] {
  if (start === undefined) return []
  const isUnsent = raw(event === undefined ? 'record_id is null' : 'is_sent = 0')
  return [{ when: sql`${isUnsent} and is_known = 1`, reason: 'before_start' }]
}

/** An address that HubSpot would take: enough to tell it from a name or an id in the wrong column. */
const emailPattern = '^[^@ ]+@[^@ ]+[.][^@ ]+$'

/** The match value has characters that it cannot have. */
const hasOthersThan = (characters: string): Sql =>
  raw(`translate(match_value, '${characters}', '') <> ''`)

const isMatchMissing = raw('match_value is null')
const isNoRecordId = hasOthersThan('0123456789')
const isNoDomain = hasOthersThan('abcdefghijklmnopqrstuvwxyz0123456789.-')

/** Nothing says, or can say, whom an event is about or who the member of a list is. */
function contactRefusals(dialect: Dialect, spec: DiffSpec): readonly Refusal[] {
  const contact = contactIn(spec)
  if (contact === undefined) return []
  const reason = spec.list === undefined ? 'missing_contact' : 'missing_member'
  const refusals: Refusal[] = [{ when: isMatchMissing, reason }]
  if (contact.by === 'id') refusals.push({ when: isNoRecordId, reason: 'no_record_id' })
  if (contact.by === 'email') {
    const isEmail = dialect.matches(raw('match_value'), emailPattern)
    refusals.push({ when: sql`not ${isEmail}`, reason: 'no_email' })
  }
  return refusals
}

/** What finds the record is missing, can find none, or is another row's, too. */
function matchRefusals(spec: DiffSpec): readonly Refusal[] {
  const { match } = spec
  const refusals: Refusal[] = []
  if (match !== undefined) refusals.push({ when: isMatchMissing, reason: 'missing_match_value' })
  if (match?.by === 'record_id') refusals.push({ when: isNoRecordId, reason: 'no_record_id' })
  if (match?.isDomain === true) refusals.push({ when: isNoDomain, reason: 'no_domain' })
  if (spec.hasRepeatedMatches) {
    refusals.push({
      when: sql`repeated_matches.match_fold is not null`,
      reason: 'duplicate_match_value',
      detail: sql`case when first_row_id = listed.row_id then last_row_id else first_row_id end`,
      join: sql`\n  left join repeated_matches on repeated_matches.match_fold = match_value`,
    })
  }
  return refusals
}

function valueRefusals(spec: DiffSpec): readonly Refusal[] {
  const refusals: Refusal[] = [
    {
      when: sql`invalid_properties <> '[]'`,
      reason: 'invalid_value',
      detail: raw('invalid_properties'),
    },
  ]
  if ((spec.links ?? []).length > 0) {
    refusals.push({
      when: raw('link_trouble is not null'),
      reason: 'invalid_value',
      detail: raw('\'["associations"]\''),
      join: sql`\n  left join bad_links on bad_row_id = listed.row_id`,
    })
  }
  if (mayLack(spec)) {
    const when = sql`lacking_properties <> '[]'`
    refusals.push(
      spec.event === undefined
        ? { when, reason: 'missing_required', detail: raw('lacking_properties') }
        : { when, reason: 'missing_event' },
    )
  }
  return refusals
}

/** The record that a row is about comes from another sync and is not there yet, or HubSpot did not know it. */
function foreignRefusals(dialect: Dialect, spec: DiffSpec): readonly Refusal[] {
  const refusals: Refusal[] = []
  if (spec.contactRows !== undefined) {
    const others = otherRows(dialect, spec.contactRows)
    refusals.push({
      when: raw(others === undefined ? '1 = 1' : 'coalesce(is_contact_expected, 0) = 0'),
      reason: 'no_contact_yet',
      detail: raw('match_value'),
      ...(others === undefined
        ? {}
        : {
            join: sql`\n  left join (select row_id as contact_row_id, is_expected as is_contact_expected from (${others}) as contact_rows) as expected on contact_row_id = match_value`,
          }),
    })
  }
  if (spec.asksForContacts === true) {
    refusals.push({
      when: raw('is_unfound = 1'),
      reason: spec.list === undefined ? 'unknown_contact' : 'unknown_member',
    })
  }
  return refusals
}

import { raw, type Sql, sql } from '../../warehouse/sql.ts'
import type { DiffProperty, DiffSpec } from '../diff-spec.ts'

/**
 * The properties of templates among the others, as far as rows that left go. Texts of rows that are there come later; what was sent of
 * them before has to be cleared with the rest.
 */
export const withDeparting = (spec: DiffSpec): DiffSpec => ({
  ...spec,
  properties: [
    ...spec.properties,
    ...(removes(spec) ? (spec.templates ?? []) : []).map(
      ({ property: { name, source, nulls, onInvalid, isClearable } }): DiffProperty => ({
        name,
        source,
        nulls,
        onInvalid,
        ...(isClearable === undefined ? {} : { isClearable }),
        isDeparting: true,
      }),
    ),
  ],
})

/** True where the record of a row that left the model may be cleared or archived. */
export const removes = ({ onDelete }: Pick<DiffSpec, 'onDelete'>): boolean => onDelete !== 'nothing'

/**
 * True where rows that are not in the model are taken for gone. `--limit` and `--row` look at some rows only; a full refresh
 * sends everything again and removes nothing, and so does an adoption, which sends nothing.
 */
export const looksForDeparted = (spec: DiffSpec): boolean =>
  spec.isAdoption !== true &&
  spec.onlyRows === undefined &&
  spec.limit === undefined &&
  !(spec.isFullRefresh && removes(spec))

/**
 * Begins the key of a known row whose new key nobody knows: the primary key of its sync changed. No key of a model looks like it. The
 * row may well be in the model, so its record stays.
 */
export const lostKeyMark = 'rekeyed: '

/** True where it matters whether this sync made the record. */
export const asksWhoMade = ({ onDelete, deletesAdopted }: DiffSpec): boolean =>
  onDelete === 'delete' && deletesAdopted !== true

/** What HubSpot holds of a property once the row has left: emptied, gone with its record, or as it was. */
export function departedValue(spec: DiffSpec, property: DiffProperty, old: Sql): Sql {
  if (spec.onDelete === 'delete') return raw('null')
  return property.isClearable ? sql`case when ${old} <> '' then '' else ${old} end` : old
}

/** Why the record of a row that left stays, as far as the sync's own state can tell. */
export const departedReason = (spec: DiffSpec): Sql =>
  asksWhoMade(spec)
    ? raw(
        "case when record_id is not null and not coalesce(created_here, 1 = 0) then 'not_created_here' end",
      )
    : raw('null')

/** What is done about a row that left. */
export function departedOperation(spec: DiffSpec): string {
  switch (spec.onDelete) {
    case 'nothing':
      return "'leave'"
    case 'clear':
      return "case when record_id is null or changed_properties = '[]' then 'leave' else 'clear' end"
    case 'delete':
      return `case when record_id is null or reason is not null then 'leave' else '${spec.list === undefined ? 'archive' : 'remove'}' end`
  }
}

/**
 * True where a row may be bound to a record that it was never sent to: what the record holds was somebody else's, and is neither
 * cleared for a NULL nor when the row leaves.
 */
export const asksWhetherSynced = ({
  state,
  mode,
  list,
}: Pick<DiffSpec, 'state' | 'mode' | 'list'>): boolean =>
  state !== undefined && mode !== 'insert' && list === undefined

import type { Sync } from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import { join, raw, sql } from '../../warehouse/sql.ts'
import { cellText, type Warehouse } from '../../warehouse/warehouse.ts'
import { recordIdProperty } from '../bind/bind-match.ts'
import { findColumn, isColumn } from '../columns.ts'
import { type KeyedModel, modelMatches } from './model-keys.ts'

/**
 * What says which rows the relation of a sync has, by its columns alone. Without the sync's `where`, and with the history of a
 * snapshot: whoever asks wants to know where somebody is.
 *
 * @returns undefined where the columns of the key are not there
 */
export function keyedModel(
  { model, primaryKey, match, object, event, list, name }: Sync,
  columns: readonly Column[],
): KeyedModel | undefined {
  const keyColumns = primaryKey.map((name) => findColumn(name, columns)).filter(isColumn)
  if (keyColumns.length < primaryKey.length || model.relationName === undefined) return undefined
  const column = match === undefined ? undefined : findColumn(match.column, columns)
  const about = (event ?? list)?.about
  const named = about === undefined ? [] : about.kind === 'sync' ? about.key : [about.column]
  const contact = named.map((each) => findColumn(each, columns)).filter(isColumn)
  const isEmail = match?.property === 'email' && ['contacts', '0-1'].includes(object)
  return {
    relation: model.relationName,
    filters: [],
    keyColumns,
    ...(about === undefined || contact.length < named.length
      ? {}
      : { event: { contact: { by: about.kind, columns: contact }, syncName: name } }),
    ...(match === undefined || column === undefined || !isColumn(column)
      ? {}
      : {
          match: {
            by: match.property === recordIdProperty ? 'record_id' : 'unique',
            property: match.property,
            column,
            wire: { kind: 'text' },
            foldsCase: isEmail,
          },
        }),
  }
}

/** A row of the model by its key, and what finds its record. */
export interface ModelRow {
  readonly rowId: string
  readonly matchValue: string | null
}

/** The model's rows among those asked for, and those with one of the match values. */
export async function findModelRows(
  warehouse: Warehouse,
  model: KeyedModel,
  wanted: { readonly rowIds: readonly string[]; readonly matchValues: readonly string[] },
): Promise<readonly ModelRow[]> {
  const among = (column: 'row_id' | 'match_value', values: readonly string[]) =>
    values.length === 0
      ? []
      : [sql`${raw(column)} in (${join(values.map((value) => sql`${value}`))})`]
  const conditions = [
    ...among('row_id', wanted.rowIds),
    ...among('match_value', wanted.matchValues),
  ]
  if (conditions.length === 0) return []
  const rows = await warehouse.withSnapshot(() =>
    warehouse.query(
      sql`select distinct row_id, match_value from (${modelMatches(warehouse.dialect, model)}) as k where row_id is not null and (${join(conditions, ' or ')})`,
    ),
  )
  return rows.map((row) => ({
    rowId: String(row['row_id']),
    matchValue: cellText(row['match_value']),
  }))
}

import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { cellText } from '../../warehouse/warehouse.ts'
import { type Ledger, linksOf, named, planOf, sharedTable } from '../ledger.ts'

/** An entry of `associations:` as tables of ours have it. */
export interface KnownEntry {
  readonly association: string
  /** Absent where only the audit has the entry. */
  readonly targetObject: string | undefined
}

/** By what links of an entry lead to a person. */
export interface PersonEntry {
  readonly association: string
  readonly targetKeys: readonly string[]
  /** The keys are values that records are looked up by: the audit may have digests of them. */
  readonly areValues: boolean
  readonly targetRecordIds: readonly string[]
}

/** Entries that links of a sync go by, or went by. */
export async function readEntries(
  ledger: Ledger,
  {
    stateName,
    syncNames,
    isOnlyAudited = false,
  }: {
    readonly stateName: string
    readonly syncNames: readonly string[]
    readonly isOnlyAudited?: boolean
  },
): Promise<readonly KnownEntry[]> {
  const tables = isOnlyAudited ? [] : [linksOf(ledger, stateName), planOf(ledger, stateName)]
  const own = tables.map(
    (table) =>
      sql`select association, target_object from ${named(ledger, table)} where association is not null\n  union all\n  `,
  )
  const text = raw(ledger.warehouse.dialect.type('text'))
  const rows =
    await ledger.warehouse.query(sql`select association, max(target_object) as target_object from (
  ${join(own, '')}select association, cast(null as ${text}) as target_object from ${named(ledger, sharedTable(ledger, 'changes'))}
  where association is not null and sync_name in (${join(syncNames.map((name) => sql`${name}`))})
) as entries group by association order by association`)
  return rows.map((row) => ({
    association: String(row['association']),
    targetObject: cellText(row['target_object']) ?? undefined,
  }))
}

/** Rows of a table of links, or of a plan, that lead to a person. */
export const leadsToPerson = (entries: readonly PersonEntry[]): Sql =>
  anyOf(entries, ({ targetKeys }) => listed(targetKeys))

/** Tables of syncs that never had links need not have their columns. */
export const orLeadsTo = (entries: readonly PersonEntry[]): Sql =>
  entries.length === 0 ? raw('') : sql` or ${leadsToPerson(entries)}`

/** The same of the audit, which may have digests in place of values. */
export const ledToPerson = ({ warehouse }: Ledger, entries: readonly PersonEntry[]): Sql =>
  anyOf(entries, ({ targetKeys, areValues }) => [
    ...listed(targetKeys),
    ...(areValues ? targetKeys.map((key) => warehouse.dialect.digest(sql`${key}`)) : []),
  ])

const listed = (values: readonly string[]): readonly Sql[] => values.map((value) => sql`${value}`)

function anyOf(
  entries: readonly PersonEntry[],
  keysOf: (entry: PersonEntry) => readonly Sql[],
): Sql {
  const conditions = entries.flatMap((entry) => {
    const among = [
      { column: raw('target_key'), values: keysOf(entry) },
      { column: raw('target_record_id'), values: listed(entry.targetRecordIds) },
    ].filter(({ values }) => values.length > 0)
    if (among.length === 0) return []
    const isPerson = among.map(({ column, values }) => sql`${column} in (${join(values)})`)
    return [sql`(association = ${entry.association} and (${join(isPerson, ' or ')}))`]
  })
  return conditions.length === 0 ? raw('1 = 0') : sql`(${join(conditions, ' or ')})`
}

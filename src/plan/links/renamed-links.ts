import { type Dialect, tableName } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import type { Row, Warehouse } from '../../warehouse/warehouse.ts'
import { count } from '../counts.ts'
import { modelKeys, modelRows, qualified, rowId } from '../diff/model-keys.ts'
import type { DiffLink, DiffSpec, RenamedLink } from '../diff-spec.ts'
import { withoutColumns } from './link-name.ts'
import { askedLinkSteps } from './link-rows.ts'

type RenamedSpec = Pick<
  DiffSpec,
  'relation' | 'filters' | 'keyColumns' | 'links' | 'linksTable' | 'auditValues'
>

const literals = (texts: readonly string[]): Sql => join(texts.map((text) => sql`${text}`))

/**
 * Finds entries whose column has another name now. An entry is named by its column, which tells two entries of one object apart; links that go
 * by the name of no entry any more, and are asked for by an entry that has no links yet, are its own: nothing of them is new, or gone.
 */
export async function findRenamedLinks(
  warehouse: Warehouse,
  spec: RenamedSpec,
): Promise<readonly RenamedLink[]> {
  const { links = [], linksTable } = spec
  if (linksTable === undefined || links.length === 0) return []
  const known = (
    await warehouse.query(
      sql`select distinct association from ${raw(tableName(warehouse.dialect, linksTable))}`,
    )
  ).map((row) => String(row['association']))
  const gone = known.filter((name) => !links.some(({ association }) => association === name))
  const isAlike = (from: string, { association }: DiffLink) =>
    withoutColumns(from) === withoutColumns(association)
  const fresh = links.filter(
    (link) => !known.includes(link.association) && gone.some((from) => isAlike(from, link)),
  )
  const old = gone.filter((from) => fresh.some((link) => isAlike(from, link)))
  if (fresh.length === 0 || old.length === 0) return []
  const overlap = overlapStatement(warehouse.dialect, { ...spec, links: fresh, linksTable }, old)
  const rows = await warehouse.withSnapshot(() => warehouse.query(overlap))
  return decideRenamed(
    rows.filter(
      (row) => withoutColumns(String(row['was'])) === withoutColumns(String(row['is_now'])),
    ),
  )
}

/** How many links of entries that are gone are asked for by new ones, and how many of them belong to rows that are still there. */
export function overlapStatement(
  dialect: Dialect,
  spec: RenamedSpec & Pick<Required<DiffSpec>, 'links' | 'linksTable'>,
  old: readonly string[],
): Sql {
  const columnSql = (column: string) => qualified(dialect, 'm', column)
  const source = { from: modelRows(spec), rowId: rowId(dialect, spec), columnSql }
  const table = raw(tableName(dialect, spec.linksTable))
  return sql`with ${join(
    [
      ...askedLinkSteps(dialect, spec, spec.links, source),
      sql`known as (
  select l.row_id, l.association, l.target_key from ${table} as l
  join (select row_id from (${modelKeys(dialect, spec)}) as k group by row_id) as m on m.row_id = l.row_id
  where l.association in (${literals(old)}) and l.status <> 'left'
)`,
    ],
    ',\n',
  )}
select k.association as was, a.association as is_now, max(t.total) as total, count(*) as same
from known as k
join (select row_id, association, target_key from asked_links where target_key is not null group by row_id, association, target_key) as a
  on a.row_id = k.row_id and a.target_key = k.target_key
join (select association, count(*) as total from known group by association) as t on t.association = k.association
group by k.association, a.association
order by same desc, was, is_now`
}

/** Most of the links have to be the same; each entry is one other, those that agree most first. */
function decideRenamed(rows: readonly Row[]): readonly RenamedLink[] {
  const renamed: RenamedLink[] = []
  for (const row of rows) {
    const [from, to] = [String(row['was']), String(row['is_now'])]
    const isTaken = renamed.some((other) => other.from === from || other.to === to)
    if (!isTaken && count(row, 'same') * 2 > count(row, 'total')) renamed.push({ from, to })
  }
  return renamed
}

import { tableName } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import type { Row, Warehouse } from '../../warehouse/warehouse.ts'
import { count, jsonList } from '../counts.ts'
import type { DiffLink, DiffSpec } from '../diff-spec.ts'
import type { LinkCalls, PlannedLinks } from '../plan.ts'
import { plannedLinks } from './link-plan.ts'

/** How many links, and records whose links are read, one request takes; look-ups are counted in records, too. */
export interface LinkSizes {
  readonly window: number
  readonly batch: number
  readonly read: number
  readonly lookup: number
}

/** Links that are read before they are set, so that labels of others stay, and that it is known who made them. */
const isRead = (links: readonly DiffLink[]): Sql => {
  const removed = links.filter(({ onRemoved }) => onRemoved === 'remove')
  const ofRemoved =
    removed.length === 0
      ? raw('')
      : sql` or association in (${join(removed.map(({ association }) => sql`${association}`))})`
  return sql`(operation = 'dissociate' or labels <> '[]' or coalesce(audit_old, '{"labels":[]}') <> '{"labels":[]}'${ofRemoved})`
}

/**
 * Counts planned links, by entry and labels, and the calls that they take.
 *
 * @param only further condition on the rows of the plan
 */
export async function countLinks(
  warehouse: Warehouse,
  spec: DiffSpec,
  sizes: LinkSizes,
  only: Sql = raw('1 = 1'),
): Promise<PlannedLinks> {
  const { links = [] } = spec
  const planned = plannedLinks(warehouse.dialect, spec)
  const rows = await warehouse.query(
    sql`select case when ${isTried} then 'try' else operation end as operation, association, labels, count(*) as total, min(target_key) as example
from ${planned} where ${only} group by case when ${isTried} then 'try' else operation end, association, labels`,
  )
  const standing = await readStanding(warehouse, spec)
  const of = (association: string, operation: string) =>
    rows
      .filter((row) => row['association'] === association && row['operation'] === operation)
      .reduce((sum, row) => sum + count(row, 'total'), 0)
  return {
    entries: links.map((link) => {
      const { association, object, target } = link
      const waiting =
        rows.find(
          (row) =>
            row['association'] === association &&
            ['wait', 'try'].includes(String(row['operation'])),
        ) ??
        standing.find(
          (row) => row['association'] === association && row['error_category'] === 'NO_TARGET_YET',
        )
      return {
        association,
        object,
        add: of(association, 'associate'),
        remove: of(association, 'dissociate'),
        wait: of(association, 'wait') + of(association, 'try'),
        tried: of(association, 'try'),
        waiting: standing
          .filter((row) => row['association'] === association)
          .map((row) => ({
            status: String(row['status']) as 'pending' | 'parked',
            reason: String(row['error_category']),
            links: count(row, 'total'),
            exampleRowId: String(row['example_row']),
          })),
        release: of(association, 'release'),
        stay: link.onRemoved === 'keep' ? 0 : stayingOf(association, rows),
        labels: labelsOf(link, rows),
        ...(waiting === undefined || target.kind !== 'sync'
          ? {}
          : { missing: { sync: target.sync, row: String(waiting['example']) } }),
      }
    }),
    calls: await callsOf(warehouse, spec, links, sizes, only),
  }
}

/** Links that are there, and are asked for no more: those that are not have no labels. */
const stayingOf = (association: string, rows: readonly Row[]): number =>
  rows
    .filter((row) => row['association'] === association && row['operation'] === 'release')
    .reduce((sum, row) => (row['labels'] === null ? sum : sum + count(row, 'total')), 0)

/** A run tries the link, and nobody counts on it: the row that it leads to was refused so far. */
const isTried = raw("(operation = 'associate' and reason is not null)")

/** Links that are not there, and that the plan does nothing about, by entry and reason. */
async function readStanding(warehouse: Warehouse, spec: DiffSpec): Promise<readonly Row[]> {
  const { links = [], linksTable, onlyRows } = spec
  if (linksTable === undefined || links.length === 0) return []
  const { dialect } = warehouse
  const list = (texts: readonly string[]) => join(texts.map((text) => sql`${text}`))
  const asked = onlyRows === undefined ? raw('') : sql` and l.row_id in (${list(onlyRows)})`
  return warehouse.query(sql`select l.association, l.status, l.error_category, count(*) as total, min(l.row_id) as example_row, min(l.target_key) as example
from ${raw(tableName(dialect, linksTable))} as l
left join ${plannedLinks(dialect, spec)} on planned.row_id = l.row_id and planned.association = l.association and planned.target_key = l.target_key
where l.status in ('pending', 'parked') and l.error_category is not null and planned.row_id is null
  and l.association in (${list(links.map(({ association }) => association))})${asked}
group by l.association, l.status, l.error_category order by count(*) desc, l.status, l.error_category`)
}

/** Links to be set, by the labels that they get. */
function labelsOf(
  { association, lookup }: DiffLink,
  rows: readonly Row[],
): readonly { readonly labels: readonly string[]; readonly links: number }[] {
  return rows
    .filter((row) => row['association'] === association && row['operation'] === 'associate')
    .map((row) => ({
      labels: jsonList(row['labels']).map((type) => labelOf(lookup, type)),
      links: count(row, 'total'),
    }))
    .sort((a, b) => b.links - a.links || (a.labels.join() < b.labels.join() ? -1 : 1))
}

/** What people call a type of link; the type itself where it has no label. */
export const labelOf = ({ entries }: DiffLink['lookup'], type: string): string =>
  entries.find(({ meaning }) => meaning === type)?.term ?? type

async function callsOf(
  warehouse: Warehouse,
  spec: DiffSpec,
  links: readonly DiffLink[],
  { window, batch, read, lookup }: LinkSizes,
  only: Sql,
): Promise<LinkCalls> {
  const planned = plannedLinks(warehouse.dialect, spec)
  // Links of one pair of records go by one input, with labels where one of them has some.
  const pair = sql`coalesce(record_id, row_id) || ' ' || coalesce(target_record_id, association || ' ' || target_key)`
  const isPlain = sql`min(case when operation = 'associate' and not ${isPlainLink} then 0 else 1 end)`
  const parts =
    await warehouse.query(sql`select operation, target_object, part, is_plain, count(*) as total
from (
  select operation, target_object, part, pair, ${isPlain} as is_plain
  from (
    select operation, target_object, labels, audit_old, ${pair} as pair, floor((row_number() over (partition by operation order by seq) - 1) / ${raw(`${window}.0`)}) as part
    from ${planned} where operation in ('associate', 'dissociate') and not ${isTried} and ${only}
  ) as sent group by operation, target_object, part, pair
) as pairs group by operation, target_object, part, is_plain`)
  const reads =
    await warehouse.query(sql`select operation, target_object, part, count(distinct row_id) as total
from (
  select operation, target_object, row_id, case when ${isRead(links)} then 1 else 0 end as is_read,
    floor((row_number() over (partition by operation order by seq) - 1) / ${raw(`${window}.0`)}) as part
  from ${planned} where operation in ('associate', 'dissociate') and not ${isTried} and ${only}
) as sent where is_read = 1 group by operation, target_object, part`)
  const sought = await warehouse.query(
    sql`select association, count(distinct target_key) as total from ${planned} where operation = 'associate' and not ${isTried} and target_record_id is null and ${only} group by association`,
  )
  const sum = (found: readonly Row[], size: number) =>
    found.reduce((total, row) => total + Math.ceil(count(row, 'total') / size), 0)
  const unique = sought.filter((row) =>
    links.some(
      ({ association, target }) =>
        association === row['association'] && target.kind === 'match' && target.by === 'unique',
    ),
  )
  return {
    writes: sum(parts, batch),
    reads: sum(reads, read),
    lookups: sum(unique, lookup),
  }
}

/** Neither asked for with a label nor labelled by us before: it goes by a request of its own kind. */
const isPlainLink = raw(
  `(labels = '[]' and coalesce(audit_old, '{"labels":[]}') = '{"labels":[]}')`,
)

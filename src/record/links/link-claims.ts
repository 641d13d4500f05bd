import type { Dialect, TableRef } from '../../warehouse/dialect.ts'
import { tableName } from '../../warehouse/dialect.ts'
import { join, raw, type Sql, sql } from '../../warehouse/sql.ts'
import { readIdentities } from '../identity.ts'
import { hasTable, type Ledger, linksOf, named, planOf } from '../ledger.ts'

/** Where a sync of the same portal keeps its links, and those of its run that is not merged yet. */
export interface ClaimSource {
  readonly links: TableRef
  readonly open?: { readonly plan: TableRef; readonly runId: string }
  /** objectTypeId of its records. */
  readonly objectTypeId: string
  /** Entries that count; all of them where nobody can say which are left. */
  readonly associations?: readonly string[]
  readonly isOwn: boolean
}

/** Which planned links are asked about. */
export interface ClaimRequest {
  readonly plan: TableRef
  readonly runId: string
  readonly kind: 'associate' | 'dissociate'
  readonly fromSeq: number
  readonly toSeq: number
  /** objectTypeId of the records that they lead from. */
  readonly objectTypeId: string
}

/** A link, under whatever key of whatever sync, of the same two records as a planned one. */
export interface Claim {
  readonly sequence: number
  /** The planned link itself, as it stood before. */
  readonly isSame: boolean
  /** It leads the other way: its types are those of the other direction. */
  readonly isBack: boolean
  /** It is asked for, and nothing is planned that ends it. */
  readonly isWanted: boolean
  readonly labels: readonly string[]
  /** Types that Backhaul added. */
  readonly added: readonly string[]
  /** Backhaul made the link. */
  readonly isMadeHere: boolean
}

/**
 * The links tables in which a link of these two objects may stand: those of syncs of either object in the portal.
 *
 * @param openRun of a sync whose run is not merged yet
 */
export async function claimSources(
  ledger: Ledger,
  {
    syncName,
    portalId,
    objectTypeIds,
    associations,
  }: {
    readonly syncName: string
    readonly portalId: string
    readonly objectTypeIds: readonly string[]
    readonly associations: readonly string[]
  },
  openRun: (syncName: string) => string | undefined,
): Promise<readonly ClaimSource[]> {
  const sources: ClaimSource[] = []
  for (const pinned of await readIdentities(ledger)) {
    if (pinned.portalId !== portalId || !objectTypeIds.includes(pinned.objectType)) continue
    const links = linksOf(ledger, pinned.syncName)
    const isOwn = pinned.syncName === syncName
    if (!isOwn && !(await hasTable(ledger, links))) continue
    const runId = openRun(pinned.syncName)
    sources.push({
      links,
      ...(runId === undefined ? {} : { open: { plan: planOf(ledger, pinned.syncName), runId } }),
      objectTypeId: pinned.objectType,
      ...(isOwn ? { associations } : {}),
      isOwn,
    })
  }
  return sources
}

const name = (dialect: Dialect, table: TableRef): Sql => raw(tableName(dialect, table))

/** What an end of a link is, seen from where the planned links begin. */
const ways = [
  { isBack: 0, from: 'record_id', to: 'target_record_id' },
  { isBack: 1, from: 'target_record_id', to: 'record_id' },
] as const

/** Links of one sync, as claims on pairs of records: those that are known, and those that its run is about to set. */
function claimsOf(
  dialect: Dialect,
  { links, open, objectTypeId, associations, isOwn }: ClaimSource,
  ownObject: string,
): readonly Sql[] {
  const isLeft =
    associations === undefined || associations.length === 0
      ? raw('1 = 1')
      : sql`l.association in (${join(associations.map((association) => sql`${association}`))})`
  return ways.flatMap(({ isBack, from, to }) => {
    if (isBack === 0 && objectTypeId !== ownObject) return []
    const otherObject = isBack === 0 ? raw('l.target_object') : sql`${objectTypeId}`
    const ends = (alias: string) =>
      raw(
        `${alias}.${from} as from_id, ${alias}.${to} as to_id, ${alias}.row_id, ${alias}.association, ${alias}.target_key, ${alias}.labels`,
      )
    // Before it was kept which labels were added: on a link of ours, those that were set.
    const ownLabels = raw(
      'case when l.added_here then coalesce(l.labels_added, l.labels) else l.labels_added end',
    )
    const facts = raw(`${isOwn ? 1 : 0} as is_own, ${isBack} as is_back`)
    const leadsHere = (alias: string) =>
      isBack === 0 ? raw('') : sql` and ${raw(alias)}.target_object = ${ownObject}`
    const planned =
      open === undefined
        ? raw('')
        : sql`\n    left join ${name(dialect, open.plan)} as d on d.run_id = ${open.runId} and d.row_id = l.row_id and d.association = l.association and d.target_key = l.target_key`
    const isOpen = open === undefined ? raw('') : raw(' and d.seq is null')
    return [
      sql`select ${ends('l')}, ${ownLabels} as labels_added, case when l.added_here then 1 else 0 end as is_ours, case when l.status <> 'left' and ${isLeft}${isOpen} then 1 else 0 end as is_wanted,
      cast(null as ${raw(dialect.type('integer'))}) as seq, ${otherObject} as to_object, ${facts}
    from ${name(dialect, links)} as l${planned}
    where l.labels is not null and l.record_id is not null${leadsHere('l')}`,
      ...(open === undefined
        ? []
        : [
            sql`select ${ends('q')}, q.labels_added, case when q.added_here or q.absent_at is not null then 1 else 0 end as is_ours, 1 as is_wanted,
      q.seq, ${isBack === 0 ? raw('q.target_object') : sql`${objectTypeId}`} as to_object, ${facts}
    from ${name(dialect, open.plan)} as q
    where q.run_id = ${open.runId} and q.operation = 'associate' and q.record_id is not null and q.target_record_id is not null${leadsHere('q')}`,
          ]),
    ]
  })
}

/** Everything else that is known of the records that some planned links join. */
export function claimsStatement(
  dialect: Dialect,
  sources: readonly ClaimSource[],
  { plan, runId, kind, fromSeq, toSeq, objectTypeId }: ClaimRequest,
): Sql {
  const claims = sources.flatMap((source) => claimsOf(dialect, source, objectTypeId))
  return sql`select p.seq, case when c.is_own = 1 and c.is_back = 0 and c.row_id = p.row_id and c.association = p.association and c.target_key = p.target_key then 1 else 0 end as is_same,
  c.is_back, c.is_wanted, c.labels, c.labels_added, c.is_ours
from ${name(dialect, plan)} as p
join (
    ${join(claims, '\n    union all\n    ')}
) as c on c.from_id = p.record_id and c.to_id = p.target_record_id and c.to_object = p.target_object
where p.run_id = ${runId} and p.operation = ${kind} and p.seq between ${fromSeq} and ${toSeq}
  and (c.seq is null or c.is_own = 0 or c.is_back = 1 or c.seq <> p.seq)`
}

/** Claims by the planned link that they are about. */
export async function readClaims(
  ledger: Ledger,
  sources: readonly ClaimSource[],
  request: ClaimRequest,
): Promise<ReadonlyMap<number, readonly Claim[]>> {
  const { warehouse } = ledger
  const claims = new Map<number, Claim[]>()
  if (sources.length === 0) return claims
  for (const row of await warehouse.query(claimsStatement(warehouse.dialect, sources, request))) {
    const sequence = Number(row['seq'])
    const is = (column: string) => Number(row[column]) === 1
    const claim = {
      sequence,
      isSame: is('is_same'),
      isBack: is('is_back'),
      isWanted: is('is_wanted'),
      labels: listOf(row['labels']),
      added: listOf(row['labels_added']),
      isMadeHere: is('is_ours'),
    }
    const known = claims.get(sequence)
    if (known === undefined) claims.set(sequence, [claim])
    else known.push(claim)
  }
  return claims
}

const listOf = (cell: unknown): readonly string[] =>
  typeof cell === 'string' ? (JSON.parse(cell) as string[]) : []

/** What is known of links right before they are set. */
export interface LinkOrigin {
  readonly sequence: number
  /** The two were not linked. */
  readonly isAbsent: boolean
  /** They were, by Backhaul. */
  readonly isMadeHere: boolean
  /** Types that Backhaul adds now, or had added. */
  readonly added: readonly string[]
}

const sequencesPerStatement = 5000

/** Says of links whose they are, right before they are set: what HubSpot says later is no answer to that. */
export async function storeOrigins(
  ledger: Ledger,
  syncName: string,
  runId: string,
  origins: readonly LinkOrigin[],
): Promise<void> {
  const plan = named(ledger, planOf(ledger, syncName))
  const { dialect } = ledger.warehouse
  const alike = new Map<string, LinkOrigin[]>()
  for (const origin of origins) {
    const { isAbsent, isMadeHere, added } = origin
    if (!isAbsent && !isMadeHere && added.length === 0) continue
    const key = JSON.stringify([isAbsent, isMadeHere, added])
    const group = alike.get(key)
    if (group === undefined) alike.set(key, [origin])
    else group.push(origin)
  }
  const statements = [...alike.values()].flatMap((group) => {
    const [{ isAbsent, isMadeHere, added } = noOrigin] = group
    const sets = [
      ...(isAbsent ? [sql`absent_at = ${dialect.now()}`] : []),
      ...(isMadeHere ? [raw('added_here = (1 = 1)')] : []),
      ...(added.length === 0 ? [] : [sql`labels_added = ${JSON.stringify(added)}`]),
    ]
    return chunks(group).map(
      (part) =>
        sql`update ${plan} set ${join(sets)} where run_id = ${runId} and seq in (${raw(part.map(({ sequence }) => sequence).join(', '))})`,
    )
  })
  if (statements.length > 0) await ledger.warehouse.transaction(statements)
}

const noOrigin: LinkOrigin = { sequence: 0, isAbsent: false, isMadeHere: false, added: [] }

const chunks = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / sequencesPerStatement) }, (_, index) =>
    all.slice(index * sequencesPerStatement, (index + 1) * sequencesPerStatement),
  )

import type { DiffSpec, LinkTargetSync, OtherRows } from '../../plan/diff-spec.ts'
import { hasTable, type Ledger, linksOf, stateOf } from '../../record/ledger.ts'
import type { PlanContext, PreparedSync } from '../context.ts'
import { renamedEntries } from '../prepare/renamed-entries.ts'

/** What is known of a sync's links and of those that they lead to. */
export async function linkedSpec(
  { ledger }: Pick<PlanContext, 'ledger'>,
  prepared: PreparedSync,
  peers: readonly PreparedSync[],
): Promise<Pick<DiffSpec, 'linksTable' | 'linkTargets' | 'renamedLinks'>> {
  const { sync, bound } = prepared
  if (bound.links === undefined) return {}
  const table = prepared.links ?? linksOf(ledger, sync.name)
  const names = new Set(
    bound.links.flatMap(({ target }) => (target.kind === 'sync' ? [target.sync] : [])),
  )
  const linkTargets: LinkTargetSync[] = []
  for (const syncName of names) {
    linkTargets.push({ syncName, ...(await otherRowsOf(ledger, prepared, syncName, peers)) })
  }
  if (!(await hasTable(ledger, table))) return { linkTargets }
  const renamedLinks = await renamedEntries(ledger, { sync, bound, links: table })
  return {
    linksTable: table,
    linkTargets,
    ...(renamedLinks.length === 0 ? {} : { renamedLinks }),
  }
}

/** The sync whose rows say whom events are about, or who the members of a list are; empty where there is none. */
export async function contactSpec(
  { ledger }: Pick<PlanContext, 'ledger'>,
  prepared: PreparedSync,
  peers: readonly PreparedSync[],
): Promise<Pick<DiffSpec, 'contactRows'>> {
  const { event, list } = prepared.sync
  const about = (event ?? list)?.about
  if (about?.kind !== 'sync') return {}
  return { contactRows: await otherRowsOf(ledger, prepared, about.sync, peers) }
}

/** Rows of a sync whose records this one asks for, or its own. */
async function otherRowsOf(
  ledger: Ledger,
  prepared: PreparedSync,
  syncName: string,
  peers: readonly PreparedSync[],
): Promise<OtherRows> {
  const isNamed = ({ sync, definedName = sync.name }: PreparedSync) => definedName === syncName
  const isOwn = isNamed(prepared)
  const peer = isOwn ? prepared : peers.find(isNamed)
  const state = (isOwn ? prepared.state : undefined) ?? stateOf(ledger, peer?.sync.name ?? syncName)
  return {
    ...((await hasTable(ledger, state)) ? { state } : {}),
    ...(peer === undefined
      ? {}
      : {
          model: {
            relation: peer.sync.model.relationName ?? '',
            filters: peer.bound.filters,
            keyColumns: peer.bound.keyColumns,
          },
          ...(peer.planned === undefined
            ? {}
            : { planned: { table: peer.planned, runId: peer.runId } }),
        }),
  }
}

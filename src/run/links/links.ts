import type { DiffLink } from '../../plan/diff-spec.ts'
import {
  addMovedLinks,
  type TargetSync,
  takeEnds,
  waitForRows,
} from '../../record/links/link-ends.ts'
import {
  completeTargets,
  type FoundTarget,
  keepTargets,
  readSoughtTargets,
} from '../../record/links/link-targets.ts'
import { findMatches } from '../../resolve/matches.ts'
import { packSearches, searchMatches } from '../../resolve/search.ts'
import { sql } from '../../warehouse/sql.ts'
import { retriedFind, retriedSearch } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { foreignSync } from '../members/event-contacts.ts'
import { interrupted, type Stop } from '../sending/stop.ts'

/**
 * Finds the records at both ends of planned links: by the state and what this run has done, or by look-up. What has none waits.
 *
 * @param openRun of a sync that links lead to, where it is not in its state yet
 * @returns why none of them may be sent
 */
export async function resolveLinks(
  context: RunContext,
  { sync, bound, runId }: PreparedSync,
  openRun: (syncName: string) => string | undefined,
): Promise<Stop> {
  const { ledger } = context
  const links = bound.links ?? []
  const targets = targetsOf(links, openRun)
  for (const { target, object, objectTypeId } of links) {
    const foreign =
      target.kind === 'sync'
        ? await foreignSync(context, target.sync, { name: object, objectTypeId })
        : undefined
    if (foreign !== undefined) return foreign
  }
  await takeEnds(ledger, sync.name, runId, targets)
  for (const { association, target } of links) {
    if (target.kind === 'sync')
      await waitForRows(ledger, sync.name, runId, association, target.sync)
  }
  for (const link of links) {
    if (link.target.kind === 'match') await findTargets(context, sync.name, runId, link)
    if (context.drain.aborted) return interrupted
  }
  return undefined
}

/** Syncs that links lead to, with their runs that are not merged yet. */
const targetsOf = (
  links: readonly DiffLink[],
  openRun: (syncName: string) => string | undefined,
): readonly TargetSync[] =>
  links.flatMap(({ association, target }) => {
    if (target.kind !== 'sync') return []
    const runId = openRun(target.sync)
    return [{ association, syncName: target.sync, ...(runId === undefined ? {} : { runId }) }]
  })

/**
 * Plans links once more whose records, at either end, this run has made again: nothing else of them has changed.
 *
 * @returns how many
 */
export function planMovedLinks(
  { ledger }: RunContext,
  { sync, bound, runId }: PreparedSync,
  openRun: (syncName: string) => string | undefined,
): Promise<number> {
  const links = bound.links ?? []
  const associations = links.map(({ association }) => association)
  return addMovedLinks(ledger, sync.name, runId, associations, targetsOf(links, openRun))
}

/** Looks up the records of one entry, each key once. */
async function findTargets(
  context: RunContext,
  syncName: string,
  runId: string,
  { association, object, target }: DiffLink,
): Promise<void> {
  if (target.kind !== 'match') return
  const { ledger } = context
  const limit = ledger.warehouse.dialect.capabilities.windowRows
  let after = ''
  while (!context.drain.aborted) {
    const sought = await readSoughtTargets(ledger, syncName, runId, association, after, limit)
    const last = sought.at(-1)
    if (last === undefined) break
    after = last.value
    const rows = sought.map(({ value, sequence }) => ({ sequence, matchValue: value }))
    const found =
      target.by === 'unique'
        ? await findUnique(context, object, target.property, rows)
        : await findBySearch(context, object, target.property, rows)
    const askedAt = new Date(context.clock()).toISOString()
    await keepTargets(ledger, syncName, runId, found, askedAt)
  }
  if (context.drain.aborted) return
  const isTold = context.settings.auditValues === 'full'
  await completeTargets(ledger, syncName, runId, association, {
    missing: isTold
      ? sql`${`HubSpot has no record of ${object} with ${target.property} `} || target_key || '.'`
      : sql`${`HubSpot has no record of ${object} with this ${target.property}.`}`,
    several: `HubSpot has several records of ${object} with this ${target.property}: `,
  })
}

interface SoughtRow {
  readonly sequence: number
  readonly matchValue: string
}

async function findUnique(
  context: RunContext,
  objectType: string,
  property: string,
  rows: readonly SoughtRow[],
): Promise<readonly FoundTarget[]> {
  const target = { objectType, property, batchSize: context.destination.maxBatchSize }
  const matches = await findMatches(rows, target, [], retriedFind(context))
  return matches.flatMap(({ sequence, found }) =>
    found === undefined ? [] : [{ sequence, recordIds: [found.recordId] }],
  )
}

async function findBySearch(
  context: RunContext,
  objectType: string,
  property: string,
  rows: readonly SoughtRow[],
): Promise<readonly FoundTarget[]> {
  const room = context.destination.searchRoom(property)
  const target = { objectType, property, room }
  const found: FoundTarget[] = []
  for await (const group of packSearches(inOne(rows), room)) {
    if (context.drain.aborted) break
    const matches = await searchMatches(group.values, target, retriedSearch(context))
    for (const { sequence, matchValue = '' } of group.rows) {
      const recordIds = (matches.get(matchValue) ?? []).map(({ recordId }) => recordId)
      if (recordIds.length > 0) found.push({ sequence, recordIds })
    }
  }
  return found
}

async function* inOne<T>(rows: readonly T[]) {
  yield rows
}

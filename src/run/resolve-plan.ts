import { completePlan, type Resolution } from '../record/complete-plan.ts'
import { readIdentities } from '../record/identity.ts'
import { type PlannedOperation, readUnresolved } from '../record/plan-rows.ts'
import { findMatches } from '../resolve/matches.ts'
import {
  packSearches,
  type SearchGroup,
  type SearchTarget,
  searchMatches,
} from '../resolve/search.ts'
import { matchTarget, retriedFind, retriedSearch, searchTarget } from './asking.ts'
import type { PreparedSync, RunContext } from './context.ts'

/** Asks HubSpot what must be known before anything is written, and completes the plan with it. */
export async function resolvePlan(context: RunContext, prepared: PreparedSync): Promise<void> {
  const searched = searchTarget(context, prepared)
  if (searched !== undefined) await resolveBySearch(context, prepared, searched)
  else await resolveByLookup(context, prepared)
}

async function resolveByLookup(context: RunContext, prepared: PreparedSync): Promise<void> {
  const { sync, runId } = prepared
  const target = matchTarget(context, prepared)
  if (target === undefined) return
  for await (const rows of unresolved(context, prepared, false)) {
    const matches = await findMatches(rows, target, [], retriedFind(context))
    const askedAt = new Date(context.clock()).toISOString()
    const resolutions = matches.map(
      ({ sequence, found }): Resolution => ({
        sequence,
        recordIds: found === undefined ? [] : [found.recordId],
        askedAt,
      }),
    )
    await completePlan(context.ledger, sync.name, runId, resolutions)
  }
}

/** Ids of one value's records that are told: the others are as good as these for seeing that there are several. */
const maxToldIds = 10

async function resolveBySearch(
  context: RunContext,
  prepared: PreparedSync,
  target: SearchTarget,
): Promise<void> {
  const { sync, runId } = prepared
  const siblings = await siblingsOf(context, prepared)
  const facts = { delaySeconds: context.settings.searchDelaySeconds, siblings }
  const { windowRows } = context.ledger.warehouse.dialect.capabilities
  let answered: Resolution[] = []
  const complete = async () => {
    if (answered.length > 0) await completePlan(context.ledger, sync.name, runId, answered, facts)
    answered = []
  }
  const rows = unresolved(context, prepared, true)
  for await (const groups of bunched(packSearches(rows, target.room), target.room.perSecond)) {
    const found = await Promise.all(groups.map((group) => answer(context, target, group)))
    answered.push(...found.flat())
    if (answered.length >= windowRows) await complete()
  }
  await complete()
}

/** Other syncs of the same object by the same property: what they made a moment ago, in this very invocation, counts as found. */
async function siblingsOf(
  { ledger, account }: RunContext,
  { sync, schema }: PreparedSync,
): Promise<readonly string[]> {
  const pinned = await readIdentities(ledger)
  return pinned
    .filter(
      (identity) =>
        identity.syncName !== sync.name &&
        identity.portalId === account.portalId &&
        identity.objectType === schema.objectTypeId &&
        identity.matchProperty === sync.match?.property,
    )
    .map(({ syncName }) => syncName)
}

async function answer(
  context: RunContext,
  target: SearchTarget,
  { rows, values }: SearchGroup,
): Promise<readonly Resolution[]> {
  const matches = await searchMatches(values, target, retriedSearch(context))
  const askedAt = new Date(context.clock()).toISOString()
  return rows.map(({ sequence, matchValue = '' }) => {
    const records = matches.get(matchValue)
    return {
      sequence,
      recordIds: (records ?? []).slice(0, maxToldIds).map(({ recordId }) => recordId),
      askedAt: records === undefined ? undefined : askedAt,
    }
  })
}

/** Rows of the plan that are to be looked up, window by window; none any more once the user ends the run. */
async function* unresolved(
  context: RunContext,
  { sync, runId }: PreparedSync,
  bySearch: boolean,
): AsyncGenerator<readonly PlannedOperation[]> {
  const { ledger, drain } = context
  const limit = ledger.warehouse.dialect.capabilities.windowRows
  let after = 0
  while (!drain.aborted) {
    const rows = await readUnresolved(ledger, sync.name, runId, bySearch, after, limit)
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.sequence
    yield rows
  }
}

async function* bunched<T>(all: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let bunch: T[] = []
  for await (const one of all) {
    bunch.push(one)
    if (bunch.length < size) continue
    yield bunch
    bunch = []
  }
  if (bunch.length > 0) yield bunch
}

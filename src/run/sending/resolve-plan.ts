import { lookedUp, policiesOf, sendsAny, type WritePolicies } from '../../plan/write-policies.ts'
import {
  completePlan,
  type Resolution,
  type Shortened,
  shortenPlan,
} from '../../record/complete-plan.ts'
import { readIdentities } from '../../record/identity.ts'
import { isUnresolved, readUnresolved, type UnresolvedOperation } from '../../record/plan-rows.ts'
import { readHeld } from '../../resolve/held-records.ts'
import { findMatches } from '../../resolve/matches.ts'
import {
  packSearches,
  type SearchGroup,
  type SearchTarget,
  searchMatches,
} from '../../resolve/search.ts'
import { type Held, withhold } from '../../resolve/withhold.ts'
import { type Sql, sql } from '../../warehouse/sql.ts'
import { findOnce, matchTarget, retriedFind, retriedSearch, searchTarget } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'

/** Asks HubSpot what must be known before anything is written, and completes the plan with it. */
export async function resolvePlan(context: RunContext, prepared: PreparedSync): Promise<void> {
  const { bound } = prepared
  const policies = policiesOf(bound)
  const { byId } = lookedUp(policies, bound.match?.by)
  const searched = searchTarget(context, prepared)
  if (searched === undefined) {
    // First the rows that are bound: by match value more become so, and those have been looked at.
    if (policies !== undefined) await withholdById(context, prepared, policies, byId)
    await resolveByLookup(context, prepared, policies)
    return
  }
  await resolveBySearch(context, prepared, searched)
  if (policies === undefined) return
  await withholdById(context, prepared, policies, byId)
  await withholdFromFound(context, prepared, policies)
}

async function resolveByLookup(
  context: RunContext,
  prepared: PreparedSync,
  policies: WritePolicies | undefined,
): Promise<void> {
  const { sync, runId, bound } = prepared
  const target = matchTarget(context, prepared)
  if (target === undefined) return
  const { byMatch } = lookedUp(policies, bound.match?.by)
  const condition =
    policies === undefined ? isUnresolved(false) : sql`(${isUnresolved(false)} or ${byMatch})`
  for await (const rows of unresolved(context, prepared, condition, policies !== undefined)) {
    const matches = await findMatches(rows, target, policies?.ifEmpty ?? [], retriedFind(context))
    const askedAt = new Date(context.clock()).toISOString()
    const resolutions = matches.map(
      ({ sequence, found }, index): Resolution => ({
        sequence,
        recordIds: found === undefined ? [] : [found.recordId],
        askedAt,
        ...withheldOf(rows[index], found, policies),
      }),
    )
    await completePlan(context.ledger, sync.name, runId, resolutions)
  }
}

/** What is sent of a row after all, where that is less than planned. */
function withheldOf(
  row: UnresolvedOperation | undefined,
  found: Held | undefined,
  policies: WritePolicies | undefined,
): Pick<Resolution, 'texts'> {
  if (row?.texts === undefined || policies === undefined) return {}
  const texts = withhold(row.texts, found, policies)
  return texts === undefined ? {} : { texts }
}

/** Reads the records of bound rows that would send what goes only where HubSpot holds nothing. */
async function withholdById(
  context: RunContext,
  prepared: PreparedSync,
  policies: WritePolicies,
  byId: Sql,
): Promise<void> {
  const target = { objectType: prepared.schema.name, batchSize: context.destination.maxBatchSize }
  await withholdFrom(context, prepared, policies, sql`record_id is not null and ${byId}`, (rows) =>
    readHeld(rows, target, policies.ifEmpty, findOnce(context)),
  )
}

/** A record that a search found gets nothing that only a create sends; it need not be read for that. */
const withholdFromFound = (
  context: RunContext,
  prepared: PreparedSync,
  policies: WritePolicies,
): Promise<void> =>
  withholdFrom(
    context,
    prepared,
    policies,
    sql`record_id is not null and operation = 'update' and ${sendsAny(policies.createOnly)}`,
    async (rows) => new Map(rows.map(({ sequence }) => [sequence, { properties: {} }])),
  )

async function withholdFrom(
  context: RunContext,
  prepared: PreparedSync,
  policies: WritePolicies,
  condition: Sql,
  read: (rows: readonly UnresolvedOperation[]) => Promise<ReadonlyMap<number, Held>>,
): Promise<void> {
  const { sync, runId } = prepared
  for await (const rows of unresolved(context, prepared, condition, true)) {
    const held = await read(rows)
    const shortened = rows.flatMap((row): readonly Shortened[] => {
      const { texts } = withheldOf(row, held.get(row.sequence), policies)
      return texts === undefined ? [] : [{ sequence: row.sequence, texts }]
    })
    if (shortened.length > 0) await shortenPlan(context.ledger, sync.name, runId, shortened)
  }
}

/** Ids of one value's records that are told: the others are as good as these for seeing that there are several. */
const maxToldIds = 10

/** Completes the plan with what searches find. */
export async function resolveBySearch(
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
  const rows = unresolved(context, prepared, isUnresolved(true), false)
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
export async function* unresolved(
  context: RunContext,
  { sync, runId }: Pick<PreparedSync, 'sync' | 'runId'>,
  condition: Sql,
  hasTexts: boolean,
): AsyncGenerator<readonly UnresolvedOperation[]> {
  const { ledger, drain } = context
  const limit = ledger.warehouse.dialect.capabilities.windowRows
  let after = 0
  while (!drain.aborted) {
    const rows = await readUnresolved(ledger, sync.name, runId, {
      condition,
      hasTexts,
      after,
      limit,
    })
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

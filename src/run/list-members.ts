import { UserError } from '../errors.ts'
import {
  keepMembers,
  lostMembers,
  type MemberTables,
  movedMembers,
  sameMembers,
  strangeMembers,
} from '../plan/kept-members.ts'
import type { Plan } from '../plan/plan.ts'
import { planOf, resolutionsOf, stateOf } from '../record/ledger.ts'
import { holdMoved, keepFoundMembers, pinListStatement } from '../record/list-members.ts'
import { tableName } from '../warehouse/dialect.ts'
import { raw, sql } from '../warehouse/sql.ts'
import { retried } from './asking.ts'
import type { PreparedSync, RunContext } from './context.ts'
import { resolveContacts } from './event-contacts.ts'
import { makeList } from './list.ts'
import { membersGuarded, recountMembers } from './plan-sync.ts'
import { guardedBy } from './reports.ts'
import { sendKind } from './send-plan.ts'
import type { SendProgress } from './send-window.ts'
import { type Stop, stopOf } from './stop.ts'

/**
 * Changes the members of a list, when the records of all syncs are there: finds the rows' records, makes the list where it is missing,
 * decides who is added and who goes, and sends that. Removals come first: a row that is another record now has its old one taken off
 * before the new one is added, so that one state row is enough to know what is on the list.
 *
 * @param openRun of the sync that the members come from, where it is not in its state yet
 * @returns the plan by now, and why the rest is not sent
 */
export async function carryOutMembers(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
  progress: SendProgress,
  openRun: (syncName: string) => string | undefined,
): Promise<{ readonly plan: Plan; readonly stop: Stop }> {
  const { sync, list } = prepared
  if (sync.list === undefined || list === undefined) return { plan, stop: undefined }
  let own: PreparedSync
  try {
    const stop = await resolveContacts(context, prepared, openRun)
    if (stop !== undefined) return { plan, stop }
    const made = await withList(context, prepared)
    if ('category' in made) return { plan, stop: made }
    own = made
    await decideMembers(context, own)
  } catch (error) {
    return { plan, stop: stopOf(error, context.drain.aborted) }
  }
  const counted = await recountMembers(context, own, plan)
  const guarded = membersGuarded(context, own, counted)
  if (guarded.guards.length > 0) return { plan: counted, stop: guardedStop(sync.name, guarded) }
  context.passing('members-resolved')
  const stop = await sendKind(context, own, 'remove', progress)
  if (stop !== undefined) return { plan: counted, stop }
  await holdMoved(context.ledger, sync.name, own.runId)
  return { plan: counted, stop: await sendKind(context, own, 'add', progress) }
}

const guardedStop = (name: string, plan: Plan): Stop =>
  guardedBy(
    plan,
    (flags) =>
      `No member was changed. If this is right, once: backhaul run --select ${name} ${flags}`,
  )

/** The sync with the id of its list, which is made if need be. */
async function withList(
  context: RunContext,
  prepared: PreparedSync,
): Promise<PreparedSync | NonNullable<Stop>> {
  const { sync, schema, list } = prepared
  if (sync.list === undefined || list === undefined || list.listId !== undefined) return prepared
  try {
    const made = await makeList(context, sync, sync.list, schema)
    if (made === undefined) {
      return {
        category: 'LIST_NAME_TAKEN',
        message: `HubSpot made no list ${list.name}: a list of another object has the name`,
        hint: 'Names of lists are unique over all object types: give this one another name.',
      }
    }
    context.passing('list-made')
    const { ledger } = context
    await ledger.warehouse.execute(pinListStatement(ledger, sync.name, made.listId))
    return { ...prepared, list: { ...list, listId: made.listId } }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const [first] = error.problems
    return {
      category: 'LIST',
      message: error.message,
      ...(first?.hint ? { hint: first.hint } : {}),
    }
  }
}

/** Turns what the rows say into what changes: with the records known, the plan gets its final form. */
async function decideMembers(context: RunContext, prepared: PreparedSync): Promise<void> {
  const { ledger } = context
  const { sync, bound, runId, list } = prepared
  const { dialect } = ledger.warehouse
  const tables: MemberTables = {
    plan: planOf(ledger, sync.name),
    state: stateOf(ledger, sync.name),
    runId,
    isExact: bound.list?.isExact === true,
    isListMadeHere: list?.isMadeHere === true,
  }
  const statements = [
    ...(context.options.isFullRefresh ? [] : [sameMembers(dialect, tables)]),
    ...(sync.mode === 'mirror'
      ? [...keepMembers(dialect, tables), movedMembers(dialect, tables)]
      : []),
  ]
  for (const statement of statements) await ledger.warehouse.execute(statement)
  const isWhole = context.options.limit === undefined && context.options.onlyRows === undefined
  if (!tables.isExact || !isWhole || list?.listId === undefined) return
  const members = resolutionsOf(ledger, sync.name)
  await readAllMembers(context, prepared, list.listId)
  await ledger.warehouse.transaction([
    lostMembers(dialect, tables, members),
    strangeMembers(dialect, tables, members),
    sql`delete from ${raw(tableName(dialect, members))} where run_id = ${runId}`,
  ])
}

/** Reads the members of a list into the warehouse, page by page. */
async function readAllMembers(
  context: RunContext,
  { sync, runId }: PreparedSync,
  listId: string,
): Promise<void> {
  const { destination, ledger } = context
  const limit = ledger.warehouse.dialect.capabilities.windowRows
  let after: string | undefined
  let found: string[] = []
  let seen = 0
  do {
    const from = after
    const page = await retried(context, () => destination.readMembers(listId, from, context.drain))
    found.push(...page.recordIds)
    after = page.next
    if (found.length < limit && after !== undefined) continue
    await keepFoundMembers(ledger, sync.name, runId, seen, found)
    seen += found.length
    found = []
  } while (after !== undefined)
}

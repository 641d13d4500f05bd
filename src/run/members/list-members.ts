import { UserError } from '../../errors.ts'
import {
  countRemade,
  followedMembers,
  keepMembers,
  type MemberTables,
  mergedMembers,
  movedMembers,
  remadeMembers,
  sameMembers,
  waitingMovers,
} from '../../plan/kept-members.ts'
import type { Plan } from '../../plan/plan.ts'
import { countOpen } from '../../record/event-contacts.ts'
import { planOf, resolutionsOf, resultsOf, stateOf } from '../../record/ledger.ts'
import {
  holdMoved,
  keepRecords,
  pinListStatement,
  readGoneMembers,
} from '../../record/list-members.ts'
import { recordSources } from '../../record/record-sources.ts'
import { findMerged } from '../../resolve/whereabouts.ts'
import { tableName } from '../../warehouse/dialect.ts'
import { raw, sql } from '../../warehouse/sql.ts'
import { findOnce } from '../asking.ts'
import { meetsAllRows, type PreparedSync, type RunContext } from '../context.ts'
import { membersGuarded } from '../planning/guarded-changes.ts'
import { recountMembers } from '../planning/recount.ts'
import { guardedBy } from '../reports.ts'
import { sendKind } from '../sending/send-plan.ts'
import type { SendProgress } from '../sending/send-window.ts'
import { interrupted, type Stop, stopOf } from '../sending/stop.ts'
import { foreignSync, resolveContacts } from './event-contacts.ts'
import { makeExact } from './exact-list.ts'
import { makeList } from './list.ts'

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
  try {
    const isRemade = await addRemade(context, prepared, openRun)
    if (!isRemade && !changesMembers(plan)) return { plan, stop: undefined }
    const stop = await resolveContacts(context, prepared, openRun)
    if (stop !== undefined) return { plan, stop }
    if (context.drain.aborted) return { plan, stop: interrupted }
    await decideMembers(context, prepared)
  } catch (error) {
    return { plan, stop: stopOf(error, context.drain.aborted) }
  }
  const counted = await recountMembers(context, prepared, plan)
  const guarded = membersGuarded(context, prepared, counted)
  if (guarded.guards.length > 0)
    return { plan: counted, stop: guardedStop(context, sync.name, guarded) }
  context.passing('members-resolved')
  const own = await withList(context, prepared)
  return 'category' in own
    ? { plan: counted, stop: own }
    : sendMembers(context, own, counted, progress)
}

async function sendMembers(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
  progress: SendProgress,
): Promise<{ readonly plan: Plan; readonly stop: Stop }> {
  const { sync, runId } = prepared
  const removed = await sendKind(context, prepared, 'remove', progress)
  if (removed !== undefined) return { plan, stop: removed }
  const followed = await followMerged(context, prepared, plan, progress)
  if (followed.stop !== undefined) return followed
  await holdMoved(context.ledger, sync.name, runId)
  return { plan: followed.plan, stop: await sendKind(context, prepared, 'add', progress) }
}

/** A member that was merged into another record is on the list as that one: it goes, unless another row wants it. */
async function followMerged(
  context: RunContext,
  prepared: PreparedSync,
  plan: Plan,
  progress: SendProgress,
): Promise<{ readonly plan: Plan; readonly stop: Stop }> {
  const { ledger, destination } = context
  const { sync, schema, runId } = prepared
  const gone = sync.mode === 'mirror' ? await readGoneMembers(ledger, sync.name, runId) : []
  if (gone.length === 0) return { plan, stop: undefined }
  try {
    const target = { objectType: schema.name, batchSize: destination.maxBatchSize }
    const merged = await findMerged(gone, target, findOnce(context))
    const found = resolutionsOf(ledger, sync.name)
    const records = [...merged].map(([sequence, recordId]) => ({ sequence, recordId }))
    await keepRecords(ledger, sync.name, runId, records)
    const { dialect } = ledger.warehouse
    const tables = memberTables(context, prepared)
    await ledger.warehouse.transaction([
      mergedMembers(dialect, tables, found),
      followedMembers(dialect, tables, found),
      sql`delete from ${raw(tableName(dialect, found))} where run_id = ${runId}`,
    ])
    const { add = 0, remove = 0 } = await countOpen(ledger, sync.name, runId)
    const calls = (members: number) => Math.ceil(members / destination.maxListBatchSize)
    const writes = plan.calls.writes - calls(plan.operations.add) + calls(add) + calls(remove)
    return {
      plan: { ...plan, calls: { ...plan.calls, writes } },
      stop: await sendKind(context, prepared, 'remove', progress),
    }
  } catch (error) {
    return { plan, stop: stopOf(error, context.drain.aborted) }
  }
}

const guardedStop = ({ say }: RunContext, name: string, plan: Plan): Stop =>
  guardedBy(
    plan,
    (flags) =>
      `No member was changed. If this is right, once: ${say(`run --select ${name} ${flags}`)}`,
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
    if (!(error instanceof UserError)) return stopOf(error, context.drain.aborted)
    const [first] = error.problems
    return {
      category: 'LIST',
      message: error.message,
      ...(first?.hint ? { hint: first.hint } : {}),
    }
  }
}

const memberTables = (
  { ledger }: RunContext,
  { sync, bound, runId, list }: PreparedSync,
): MemberTables => ({
  plan: planOf(ledger, sync.name),
  state: stateOf(ledger, sync.name),
  runId,
  isExact: bound.list?.isExact === true,
  isListMadeHere: list?.isMadeHere === true,
})

/** A list that is missing is made although it has no members yet, and one that is exact may have changed in HubSpot. */
export function changesMembers({ operations, rows, list }: Plan): boolean {
  if (list === undefined) return false
  return (
    operations.add + operations.remove + rows.waiting > 0 ||
    list.id === null ||
    list.isExact === true
  )
}

/** Members that are rows of a sync which this run changes: their records may be made again meanwhile, and the plan cannot know. */
export const mayBeRemade = (
  { sync }: Pick<PreparedSync, 'sync'>,
  planned: readonly { readonly prepared: PreparedSync; readonly plan: Plan }[],
): boolean => {
  const about = sync.list?.about
  if (about?.kind !== 'sync' || sync.mode === 'remove') return false
  const other = planned.find(({ prepared }) => prepared.sync.name === about.sync)
  if (other === undefined) return false
  const { create, update, upsert } = other.plan.operations
  return create + update + upsert > 0
}

/** @returns whether there are such rows: they are in the plan now */
async function addRemade(
  context: RunContext,
  prepared: PreparedSync,
  openRun: (syncName: string) => string | undefined,
): Promise<boolean> {
  const { ledger, options } = context
  const { sync, schema, list } = prepared
  const about = sync.list?.about
  if (about?.kind !== 'sync' || sync.mode === 'remove' || list?.listId === undefined) return false
  if (!meetsAllRows(options) || options.isFullRefresh) return false
  if ((await foreignSync(context, about.sync, schema)) !== undefined) return false
  const { warehouse } = ledger
  const sources = await recordSources(ledger, about.sync, openRun(about.sync))
  if (sources.state === undefined && sources.open === undefined) return false
  const tables = memberTables(context, prepared)
  const [row] = await warehouse.query(countRemade(warehouse.dialect, tables, sources))
  if (Number(row?.['total'] ?? 0) === 0) return false
  await warehouse.execute(remadeMembers(warehouse.dialect, tables, sources))
  return true
}

/** Turns what the rows say into what changes: with the records known, the plan gets its final form. */
async function decideMembers(context: RunContext, prepared: PreparedSync): Promise<void> {
  const { ledger } = context
  const { sync, list } = prepared
  const { dialect } = ledger.warehouse
  const tables = memberTables(context, prepared)
  const isWhole = meetsAllRows(context.options)
  const removing = isWhole
    ? [...keepMembers(dialect, tables), movedMembers(dialect, tables)]
    : [waitingMovers(dialect, tables, resultsOf(ledger, sync.name))]
  const statements = [
    ...(context.options.isFullRefresh ? [] : [sameMembers(dialect, tables)]),
    ...(sync.mode === 'mirror' ? removing : []),
  ]
  for (const statement of statements) await ledger.warehouse.execute(statement)
  if (!tables.isExact || !isWhole || list?.listId === undefined) return
  await makeExact(context, prepared, tables, list.listId)
}

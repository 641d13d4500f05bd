import {
  countStrange,
  lostMembers,
  lostRecords,
  type MemberTables,
  strangeMembers,
} from '../../plan/kept-members.ts'
import { resolutionsOf } from '../../record/ledger.ts'
import { keepMerged, keepRecords } from '../../record/list-members.ts'
import { findMerged } from '../../resolve/whereabouts.ts'
import { tableName } from '../../warehouse/dialect.ts'
import { raw, sql } from '../../warehouse/sql.ts'
import { findOnce, retried } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'

/** Compares an exact list with the model: members that no row wants go, and those that somebody took off come back. */
export async function makeExact(
  context: RunContext,
  prepared: PreparedSync,
  tables: MemberTables,
  listId: string,
): Promise<void> {
  const { ledger } = context
  const { sync, runId } = prepared
  const { dialect } = ledger.warehouse
  const members = resolutionsOf(ledger, sync.name)
  await readAllMembers(context, prepared, listId)
  await lookForLost(context, prepared, tables)
  await ledger.warehouse.transaction([
    lostMembers(dialect, tables, members),
    strangeMembers(dialect, tables, members),
    sql`delete from ${raw(tableName(dialect, members))} where run_id = ${runId}`,
  ])
}

/** A member that was merged into another record is on the list as that one, which would be taken for a stranger. */
async function lookForLost(
  context: RunContext,
  { sync, schema, runId }: PreparedSync,
  tables: MemberTables,
): Promise<void> {
  const { ledger, destination } = context
  const { warehouse } = ledger
  const { dialect } = warehouse
  const members = resolutionsOf(ledger, sync.name)
  const limit = dialect.capabilities.windowRows
  const target = { objectType: schema.name, batchSize: destination.maxBatchSize }
  const merged: { readonly recordId: string; readonly into: string }[] = []
  let after = ''
  let lost: readonly string[]
  do {
    const rows = await warehouse.query(lostRecords(dialect, tables, members, after, limit))
    lost = rows.map((row) => String(row['record_id']))
    if (after === '' && lost.length > 0) {
      const [strange] = await warehouse.query(countStrange(dialect, tables, members))
      if (Number(strange?.['total'] ?? 0) === 0) return
    }
    after = lost.at(-1) ?? after
    const places = await findMerged(
      lost.map((recordId, sequence) => ({ sequence, recordId })),
      target,
      findOnce(context),
    )
    for (const [sequence, into] of places) merged.push({ recordId: lost[sequence] ?? '', into })
  } while (lost.length === limit)
  await keepMerged(ledger, sync.name, runId, merged)
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
    const last = after
    const page = await retried(context, () => destination.readMembers(listId, last, context.drain))
    found.push(...page.recordIds)
    after = page.next
    if (found.length < limit && after !== undefined) continue
    const from = seen
    await keepRecords(
      ledger,
      sync.name,
      runId,
      found.map((recordId, index) => ({ sequence: from + index + 1, recordId })),
    )
    seen += found.length
    found = []
  } while (after !== undefined)
}

import { Interrupted } from '../../errors.ts'
import { modelMatches } from '../../plan/diff/model-keys.ts'
import type { Ledger } from '../../record/ledger.ts'
import {
  countKnownRows,
  type KnownRow,
  knownRowsStatement,
  type Rematched,
  type RematchTables,
  readKnownRows,
  settleFound,
  storeFound,
} from '../../record/rematch.ts'
import { findMatches } from '../../resolve/matches.ts'
import { packSearches, searchMatches } from '../../resolve/search.ts'
import {
  type AskingContext,
  matchTarget,
  retriedFind,
  retriedSearch,
  searchTarget,
} from '../asking.ts'
import type { PreparedSync } from '../context.ts'

/** What is looked up, and by what. */
type Known = Pick<PreparedSync, 'sync' | 'schema' | 'bound'>

/**
 * Looks the known rows of a sync up by its new match property. Only reads: what was found is in the tables, and counts when
 * it is recorded. Mode insert sends a row once, and a match by record id is what the model says: there nobody has to be asked.
 *
 * @returns what comes of it; `sought` rows were looked up
 */
export async function findKnown(
  context: AskingContext & { readonly ledger: Ledger },
  known: Known,
  tables: RematchTables,
): Promise<Rematched & { readonly sought: number }> {
  const { ledger, log, drain } = context
  const { sync, bound } = known
  const isAsked =
    sync.mode !== 'insert' && bound.match !== undefined && bound.match.by !== 'record_id'
  if (!isAsked) return { sought: 0, found: 0, moved: 0 }
  const { warehouse } = ledger
  const relation = sync.model.relationName ?? ''
  const keys = modelMatches(warehouse.dialect, { ...bound, relation })
  await warehouse.withSnapshot(() =>
    warehouse.execute(knownRowsStatement(warehouse.dialect, tables, keys)),
  )
  const sought = await countKnownRows(ledger, tables)
  log.info('Known rows are looked up by the new match property', {
    sync: sync.name,
    rows: sought,
    ...(bound.match.by === 'unique'
      ? { calls: Math.ceil(sought / context.destination.maxBatchSize) }
      : {}),
  })
  for await (const rows of readKnownRows(ledger, tables)) {
    if (drain.aborted) throw new Interrupted()
    await storeFound(ledger, tables, await recordsOf(context, known, rows))
  }
  return { sought, ...(await settleFound(ledger, tables)) }
}

/** The records of rows that have exactly one. */
async function recordsOf(
  context: AskingContext,
  known: Known,
  rows: readonly KnownRow[],
): Promise<readonly { readonly sequence: number; readonly recordId: string }[]> {
  const target = matchTarget(context, known)
  if (target !== undefined) {
    const matches = await findMatches(rows, target, [], retriedFind(context))
    return matches.flatMap(({ sequence, found }) =>
      found === undefined ? [] : [{ sequence, recordId: found.recordId }],
    )
  }
  const searched = searchTarget(context, known)
  if (searched === undefined) return []
  const all: { readonly sequence: number; readonly recordId: string }[] = []
  for await (const group of packSearches(listed(rows), searched.room)) {
    const matches = await searchMatches(group.values, searched, retriedSearch(context))
    for (const { sequence, matchValue } of group.rows) {
      const [only, second] = matches.get(matchValue) ?? []
      if (only !== undefined && second === undefined) {
        all.push({ sequence, recordId: only.recordId })
      }
    }
  }
  return all
}

async function* listed<T>(rows: T): AsyncGenerator<T> {
  yield rows
}

import type { MatchKind } from './diff-spec.ts'
import type { Calls, Diff, OperationCounts } from './plan.ts'

/** Requests that carry a number of operations of each kind. */
export const writesOf = (operations: OperationCounts, batchSize: number): number =>
  [
    operations.create,
    operations.upsert,
    operations.update,
    operations.clear,
    operations.archive,
  ].reduce((sum, rows) => sum + Math.ceil(rows / batchSize), 0)

/**
 * Calls that a diff needs when nothing goes wrong. In update and insert mode, and for the sake of `write:`, rows are looked up
 * first, so writes are the most there can be. After a search an upsert is either an update or a create: it is counted
 * with the updates, and where some records are there and some are not, one call more is made.
 */
export function callsOf(
  diff: Pick<Diff, 'operations' | 'unboundUpdates' | 'policyRows' | 'backwards'>,
  batchSize: number,
  by: MatchKind | undefined,
  searches: number,
): Calls {
  const batches = (rows: number) => Math.ceil(rows / batchSize)
  const { operations, policyRows } = diff
  const { byMatch, byId } = policyRows
  // Looked-up rows become creates and updates: a first one of these may need a call of its own.
  const isSplit = byMatch > 0
  const known = by === 'search' ? operations.upsert : byMatch
  const written = {
    ...operations,
    upsert: operations.upsert - known,
    update: operations.update + known - (isSplit ? 1 : 0),
  }
  return {
    writes: writesOf(written, batchSize) + (isSplit ? 1 : 0) + (diff.backwards?.clearingCalls ?? 0),
    // Records are looked up before they are archived: one that was merged away is another's.
    lookups:
      (by === 'unique' ? batches(unresolvedRows(diff) + byMatch) : 0) +
      batches(byId) +
      (diff.backwards?.lookups ?? 0) +
      batches(operations.archive),
    searches,
  }
}

/** Rows that an adoption looks for. */
export const rowsToFind = ({ create, upsert, update }: OperationCounts): number =>
  create + upsert + update

/** Calls of an adoption, the most there can be: what a search finds is read by its id, and what it does not find is not. */
export const adoptionCalls = (
  operations: OperationCounts,
  batchSize: number,
  searches: number,
): Calls => ({ writes: 0, lookups: Math.ceil(rowsToFind(operations) / batchSize), searches })

/** Rows that are looked up before they are sent. */
const unresolvedRows = ({
  operations,
  unboundUpdates,
}: Pick<Diff, 'operations' | 'unboundUpdates'>): number => operations.create + unboundUpdates

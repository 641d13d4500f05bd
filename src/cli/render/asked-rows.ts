import { printable } from '../../errors.ts'
import type { AskedRow } from '../../plan/asked-rows.ts'
import type { Plan } from '../../plan/plan.ts'
import { isWaitReason } from './render-change.ts'

/** What becomes of each row that `--row` asked for. */
export const renderAsked = ({ asked = [] }: Plan): readonly string[] =>
  asked.map((row) =>
    isUnknownRow(row)
      ? `no row ${printable(row.row)} in the model`
      : `row ${printable(row.row)}: ${fateOf(row)}`,
  )

/** Neither the model nor the state has it. */
export const isUnknownRow = (row: AskedRow): boolean => !row.isInModel && row.status === null

/** The model has it as it was sent. */
export const isUnchanged = ({ isInModel, operation, status }: AskedRow): boolean =>
  isInModel && (operation === null || operation === 'refresh') && status === 'succeeded'

function fateOf(row: AskedRow): string {
  const { operation, reason, status, errorCategory, lastSyncedAt, isInModel } = row
  const why = errorCategory === null ? '' : ` (${errorCategory})`
  const sent = lastSyncedAt === null ? '' : `, sent ${lastSyncedAt}`
  if (operation === 'reject') return `rejected (${reason})`
  if (operation === 'upsert') return 'create or update'
  if (isWaitReason(reason)) return `waiting (${reason})`
  if (operation !== null && operation !== 'refresh') return operation
  if (!isInModel)
    return `${status === 'left' ? 'left the model' : 'not in the model any more'}${sent}`
  if (status === null) return 'left out by --limit'
  return status === 'succeeded' ? `unchanged${sent}` : `${status}${why}${sent}`
}

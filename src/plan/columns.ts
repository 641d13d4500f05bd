import type { Problem } from '../errors.ts'
import { didYouMean } from '../suggest.ts'
import type { Column } from '../warehouse/dialect.ts'

/**
 * The column that a sync means: the exact spelling, else the only match without case.
 *
 * @returns the catalog's column, or what is wrong with the name
 */
export function findColumn(
  name: string,
  columns: readonly Column[],
): Column | Omit<Problem, 'where'> {
  const exact = columns.find((column) => column.name === name)
  if (exact !== undefined) return exact
  const folded = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase())
  const [only] = folded
  if (only !== undefined && folded.length === 1) return only
  if (folded.length > 1) {
    return {
      message: `Column ${name} is ambiguous: ${folded.map((column) => column.name).join(', ')}`,
      hint: 'Write the column exactly as the warehouse spells it.',
    }
  }
  const all = columns.map((column) => column.name)
  return {
    message: `The model has no column ${name}`,
    hint: didYouMean(name, all),
  }
}

export const isColumn = (found: Column | Omit<Problem, 'where'>): found is Column =>
  'family' in found

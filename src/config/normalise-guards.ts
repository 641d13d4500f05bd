import type { Guards, Threshold } from '../types.ts'
import type { ObjectSync } from './object-schema.ts'

export function guardsOf(input: ObjectSync['guards']): Guards {
  return {
    ...(input?.max_deletes === undefined ? {} : { maxDeletes: thresholdOf(input.max_deletes) }),
    ...(input?.max_changes === undefined ? {} : { maxChanges: thresholdOf(input.max_changes) }),
    ...(input?.min_rows === undefined ? {} : { minRows: input.min_rows }),
  }
}

/** `500` → rows, `10%` → a share. */
function thresholdOf(value: number | string): Threshold {
  if (typeof value === 'number') return { rows: value }
  return { share: Number(value.replace('%', '').trim()) / 100 }
}

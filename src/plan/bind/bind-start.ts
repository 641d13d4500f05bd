import type { Sync } from '../../types.ts'
import type { TypeFamily } from '../../warehouse/dialect.ts'
import type { DiffStart } from '../diff-spec.ts'
import type { Report, Resolve } from './bind-match.ts'

const momentFamilies: readonly TypeFamily[] = ['date', 'timestamp', 'timestamptz', 'text']

/** Which rows an insert takes as known. Which run was the first is filled in by whoever knows. */
export function bindStart(sync: Sync, resolve: Resolve, report: Report): DiffStart | undefined {
  const { start } = sync
  if (start === undefined) return undefined
  if (start.kind === 'now') return { kind: 'now', firstRunId: undefined }
  const column = resolve(start.column, 'start.column', start.origin)
  if (column === undefined) return undefined
  if (!momentFamilies.includes(column.family)) {
    const problem = {
      message: `column ${column.name} is ${column.type}, and no moment`,
      hint: 'Use a date, a timestamp, or a text that holds one.',
    }
    report('start.column', problem, start.origin)
    return undefined
  }
  const zone = start.timezone === undefined ? {} : { timezone: start.timezone }
  return { kind: 'from', column, wire: { kind: 'datetime', ...zone }, from: start.from }
}

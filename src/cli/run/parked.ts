import { type Ledger, stateOf } from '../../record/ledger.ts'
import type { Say } from '../../types.ts'
import { tableName } from '../../warehouse/dialect.ts'
import type { EventLogger } from '../command-line/log-writer.ts'
import type { Paint } from '../render/paint.ts'
import { countOf } from '../render/words.ts'

/**
 * Warns of rows that no run sends any more; the event holds the query that lists them.
 *
 * @param names of the sync, and the one that its state goes by
 */
export function warnOfParked(
  log: EventLogger,
  paint: Paint,
  ledger: Ledger,
  { sync, stateOf: pinnedName }: { readonly sync: string; readonly stateOf: string },
  rows: number,
  say: Say,
): void {
  if (rows === 0) return
  const state = tableName(ledger.warehouse.dialect, stateOf(ledger, pinnedName))
  const query = `select row_id, error_category, error_message from ${state} where status = 'parked' order by row_id`
  const what = `${countOf(rows, 'parked row')} of sync ${sync}, left alone until ${rows === 1 ? 'it changes' : 'they change'}`
  const steps = `Why: ${say(`status --select ${sync}`)}. When the cause is gone: ${say(`retry ${sync}`)}`
  log.event('Parked', 'warn', `${paint.yellow(`Warning: ${what}.`)} ${steps}`, {
    sync,
    rows,
    query,
  })
}

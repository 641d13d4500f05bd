import { printable } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import { isUnknownRow } from '../render/asked-rows.ts'
import { keyWord } from '../render/shell-word.ts'
import type { Session } from '../session.ts'

/** Rows of `--row` that neither model nor state of any of the syncs has. */
export function unknownRows(plans: readonly Plan[]): readonly string[] {
  const asked = plans.flatMap((plan) => plan.asked ?? [])
  const known = new Set(asked.filter((row) => !isUnknownRow(row)).map(({ row }) => row))
  return [...new Set(asked.map(({ row }) => row))].filter((row) => !known.has(row))
}

/**
 * Says which rows of `--row` no sync has: a key that is mistyped must not look like a row that went well.
 *
 * @returns whether there is one
 */
export function tellUnknownRows(
  { log, say }: Pick<Session, 'log' | 'say'>,
  plans: readonly Plan[],
): boolean {
  const unknown = unknownRows(plans)
  const syncs = plans.map(({ sync }) => sync)
  for (const row of unknown) {
    const subject = syncs.length === 1 ? `Sync ${syncs[0]} has` : 'No selected sync has'
    const no = syncs.length === 1 ? 'no row' : 'a row'
    log.error(`${subject} ${no} ${printable(row)}. Why: ${say(`show ${syncs[0]} ${keyWord(row)}`)}`)
  }
  return unknown.length > 0
}

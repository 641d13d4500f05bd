import type { Guards, Threshold } from '../types.ts'

/** What the guards look at, all counts. */
export interface GuardFacts {
  readonly rowsInModel: number
  /** Rows of the state that have not left. */
  readonly knownRows: number
  readonly removals: number
  /** Rows and links that would be written to HubSpot, removals included. */
  readonly changes: number
}

export type GuardName = 'empty_model' | 'min_rows' | 'max_deletes' | 'max_changes'

export const guardNames: readonly GuardName[] = [
  'empty_model',
  'min_rows',
  'max_deletes',
  'max_changes',
]

export interface TrippedGuard {
  readonly guard: GuardName
  readonly message: string
}

/** Removals that pass without a guard of the sync's own: the larger of 10 % and 10 rows. */
const defaultMaxDeletes = { share: 0.1, rows: 10 }

const number = (count: number): string => count.toLocaleString('en-US')

const allowed = (threshold: Threshold, knownRows: number): number =>
  'rows' in threshold ? threshold.rows : Math.floor(threshold.share * knownRows)

/** Guards that stop this plan; `forced` ones pass. */
export function trippedGuards(
  guards: Guards,
  facts: GuardFacts,
  forced: ReadonlySet<string>,
): readonly TrippedGuard[] {
  const tripped: TrippedGuard[] = []
  const trip = (guard: GuardName, message: string) => {
    if (!forced.has(guard)) tripped.push({ guard, message })
  }
  if (facts.rowsInModel === 0 && facts.knownRows > 0) {
    trip('empty_model', `the model is empty, the state knows ${number(facts.knownRows)} rows`)
  }
  if (guards.minRows !== undefined && facts.rowsInModel < guards.minRows) {
    trip(
      'min_rows',
      `the model has ${number(facts.rowsInModel)} rows, min_rows is ${number(guards.minRows)}`,
    )
  }
  const maxDeletes =
    guards.maxDeletes === undefined
      ? Math.max(
          defaultMaxDeletes.rows,
          allowed(defaultMaxDeletes, facts.knownRows),
          Math.floor(defaultMaxDeletes.share * facts.knownRows),
        )
      : allowed(guards.maxDeletes, facts.knownRows)
  if (facts.removals > maxDeletes) {
    trip('max_deletes', `${number(facts.removals)} removals, ${number(maxDeletes)} are allowed`)
  }
  if (guards.maxChanges !== undefined) {
    const maxChanges = allowed(guards.maxChanges, facts.knownRows)
    if (facts.changes > maxChanges) {
      trip('max_changes', `${number(facts.changes)} changes, ${number(maxChanges)} are allowed`)
    }
  }
  return tripped
}

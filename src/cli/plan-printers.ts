import type { Plan } from '../plan/plan.ts'
import type { PlannedChange } from '../plan/planned-changes.ts'
import type { Sync } from '../types.ts'
import type { Io } from './io.ts'
import { paintFor } from './paint.ts'
import { renderChange, renderPlan } from './render-plan.ts'
import { numberOf } from './words.ts'

/** Prints a plan and its changes as they come. */
export interface Printer {
  plan(plan: Plan, changes: readonly PlannedChange[]): void
  more(changes: readonly PlannedChange[]): void
  end(plan: Plan, shown: number, all: number): void
}

/** Prints plans under another name: that of a state is the old one until a renamed sync has run. */
export const printedAs = (name: string, { plan, more, end }: Printer): Printer => ({
  plan: (of, changes) => plan({ ...of, sync: name }, changes),
  more,
  end: (of, shown, all) => end({ ...of, sync: name }, shown, all),
})

/** @param operations collects those of the changes shown, for the legend */
export function textPrinter(
  io: Io,
  sync: Sync,
  time: (plan: Plan) => number,
  operations: Set<PlannedChange['operation']>,
): Printer {
  const paint = paintFor(io.usesColours)
  const note = (changes: readonly PlannedChange[]) => {
    for (const { operation } of changes) operations.add(operation)
  }
  return {
    plan(plan, changes) {
      note(changes)
      io.stdout(`${renderPlan(plan, sync, changes, paint, time(plan))}\n`)
    },
    more(changes) {
      note(changes)
      io.stdout(changes.map((change) => `${renderChange(change, paint)}\n`).join(''))
    },
    end: (_, shown, all) =>
      io.stdout(
        all > shown ? `    … ${numberOf(all - shown)} more; --all shows every one\n\n` : '\n',
      ),
  }
}

/** One JSON document per line: the plan, then each of its changes. */
export function jsonPrinter(io: Io, time: (plan: Plan) => number): Printer {
  const changes = (all: readonly PlannedChange[], plan: Plan | undefined) => {
    for (const change of all)
      io.stdout(`${JSON.stringify({ kind: 'change', sync: plan?.sync, ...change })}\n`)
  }
  let current: Plan | undefined
  return {
    plan(plan, first) {
      current = plan
      io.stdout(`${JSON.stringify({ kind: 'plan', ...plan, expectedSeconds: time(plan) })}\n`)
      changes(first, plan)
    },
    more: (next) => changes(next, current),
    end() {},
  }
}

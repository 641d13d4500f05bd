import type { Plan } from '../../plan/plan.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { DefinitionEdit } from '../../plan/sync-definition.ts'
import type { Say, Sync } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import { paintFor } from './paint.ts'
import { renderChange } from './render-change.ts'
import { renderPlan } from './render-plan.ts'
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

/** Prints plans that no HubSpot was asked for. */
export const printedOffline = ({ plan, more, end }: Printer): Printer => ({
  plan: (of, changes) => plan({ ...of, isOffline: true }, changes),
  more,
  end,
})

/** Prints plans with what of the sync another target has otherwise. */
export const printedWithEdits = (
  edits: readonly DefinitionEdit[] | undefined,
  printer: Printer,
): Printer =>
  edits === undefined
    ? printer
    : {
        plan: (of, changes) => printer.plan({ ...of, edits }, changes),
        more: printer.more,
        end: printer.end,
      }

/** Prints plans without their changes: what is read by many is to name no rows. */
export const countsOnly = ({ plan, end }: Printer): Printer => ({
  plan: (of) => plan(of, []),
  more() {},
  end: (of) => end(of, 0, 0),
})

/** @param operations collects those of the changes shown, for the legend @param say writes the commands to type next */
export function textPrinter(
  io: Io,
  sync: Sync,
  time: (plan: Plan) => number,
  operations: Set<PlannedChange['operation']>,
  say: Say,
): Printer {
  const paint = paintFor(io.usesColours)
  const width = io.terminalColumns
  const note = (changes: readonly PlannedChange[]) => {
    for (const { operation } of changes) operations.add(operation)
  }
  return {
    plan(plan, changes) {
      note(changes)
      io.stdout(`${renderPlan(plan, sync, changes, paint, { say, seconds: time(plan), width })}\n`)
    },
    more(changes) {
      note(changes)
      io.stdout(changes.map((change) => `${renderChange(change, paint, width)}\n`).join(''))
    },
    end: (_, shown, all) =>
      io.stdout(
        all > shown ? `    … ${numberOf(all - shown)} more; --all shows every one\n\n` : '\n',
      ),
  }
}

/**
 * One JSON document per line: the plan, then each of its changes.
 *
 * @param against the target whose state is compared with, where it is another one
 */
export function jsonPrinter(io: Io, time: (plan: Plan) => number, against?: string): Printer {
  const changes = (all: readonly PlannedChange[], plan: Plan | undefined) => {
    for (const change of all)
      io.stdout(`${JSON.stringify({ kind: 'change', sync: plan?.sync, ...change })}\n`)
  }
  let current: Plan | undefined
  return {
    plan(plan, first) {
      current = plan
      io.stdout(
        `${JSON.stringify({ kind: 'plan', ...plan, expectedSeconds: time(plan), against })}\n`,
      )
      changes(first, plan)
    },
    more: (next) => changes(next, current),
    end() {},
  }
}

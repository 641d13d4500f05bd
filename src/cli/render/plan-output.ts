import { formatProblem, type Problem } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { Say, Sync } from '../../types.ts'
import { describeRemoved, type RemovedSync } from '../run/against.ts'
import type { HeldSync } from '../run/gate-syncs.ts'
import type { Session } from '../session.ts'
import { paintFor } from './paint.ts'
import { createPlanDocument } from './plan-markdown.ts'
import { jsonPrinter, type Printer, textPrinter } from './plan-printers.ts'
import { renderLegend } from './plan-signs.ts'
import { planTotal, totalOperations } from './plan-total.ts'
import { sayFor, shellWord } from './shell-word.ts'
import { wrapped } from './text-width.ts'

/** What is told once all plans are printed. */
interface PlanEnd {
  readonly portalId: string | undefined
  /** The lock that was read in place of HubSpot. */
  readonly lock: string | undefined
  readonly held: readonly HeldSync[]
  readonly removed: readonly RemovedSync[]
  readonly problems: readonly Problem[]
  /** Why there is no sync to plan. */
  readonly nothing: string | undefined
}

/** The standard output of `plan`, in one of its forms. */
export interface PlanOutput {
  printer(sync: Sync, time: (plan: Plan) => number): Printer
  end(facts: PlanEnd): void
}

/** Writes commands that do what a plan shows: to the target whose state it is compared with. */
export const sayRun = ({ project, say }: Session, against: string | undefined): Say =>
  against === undefined ? say : sayFor({ ...project, targetName: against })

/** @param against the target whose state is compared with, where it is another one */
export function createPlanOutput(
  form: unknown,
  session: Session,
  against: string | undefined,
): PlanOutput {
  const { io, log, project, say } = session
  const run = sayRun(session, against)
  const { printer, end } = formOf(form)
  return {
    printer,
    end(facts) {
      end(facts)
      const { removed, problems } = facts
      if (against !== undefined && removed.length > 0) log.warn(describeRemoved(removed, against))
      for (const problem of problems) log.error(formatProblem(problem))
    },
  }

  function formOf(name: unknown): PlanOutput {
    if (name === 'json') return json()
    return name === 'markdown' ? markdown() : text()
  }

  function json(): PlanOutput {
    const print = (document: object) => io.stdout(`${JSON.stringify(document)}\n`)
    return {
      printer: (_, time) => jsonPrinter(io, time, against),
      end({ removed, problems }) {
        for (const one of removed) print({ kind: 'removed-sync', ...one })
        for (const problem of problems) print({ kind: 'problem', ...problem })
      },
    }
  }

  function markdown(): PlanOutput {
    const document = createPlanDocument({
      run,
      plan: (words) =>
        say(against === undefined ? words : `${words} --against ${shellWord(against)}`),
    })
    const { targetName } = project
    return {
      printer: document.printer,
      end: (facts) => io.stdout(document.render({ ...facts, targetName, against })),
    }
  }

  function text(): PlanOutput {
    const operations = new Set<PlannedChange['operation']>()
    const plans: Plan[] = []
    const paint = paintFor(io.usesColours)
    return {
      printer(sync, time) {
        const printer = textPrinter(io, sync, time, operations, run)
        return {
          ...printer,
          plan(plan, changes) {
            plans.push(plan)
            printer.plan(plan, changes)
          },
        }
      },
      end({ held }) {
        io.stdout(renderLegend(operations, paint))
        if (plans.length + held.length < 2) return
        const what = totalOperations(plans)
        const total = `${planTotal(plans, held.length)}${what === '' ? '' : `: ${what}`}`
        io.stdout(`\n${paint.bold(wrapped(total, io.terminalColumns))}\n`)
      },
    }
  }
}

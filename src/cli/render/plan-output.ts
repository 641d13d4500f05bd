import { formatProblem, type Problem } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { Sync } from '../../types.ts'
import { describeRemoved, type RemovedSync } from '../run/against.ts'
import type { HeldSync } from '../run/gate-syncs.ts'
import type { Session } from '../session.ts'
import { paintFor } from './paint.ts'
import { createPlanDocument } from './plan-markdown.ts'
import { jsonPrinter, type Printer, textPrinter } from './plan-printers.ts'
import { renderLegend } from './plan-signs.ts'
import { planTotal, totalOperations } from './plan-total.ts'
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

/** @param against the target whose state is compared with, where it is another one */
export function createPlanOutput(
  form: unknown,
  { io, log, project }: Session,
  against: string | undefined,
): PlanOutput {
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
    const say = (document: object) => io.stdout(`${JSON.stringify(document)}\n`)
    return {
      printer: (_, time) => jsonPrinter(io, time, against),
      end({ removed, problems }) {
        for (const one of removed) say({ kind: 'removed-sync', ...one })
        for (const problem of problems) say({ kind: 'problem', ...problem })
      },
    }
  }

  function markdown(): PlanOutput {
    const document = createPlanDocument()
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
        const printer = textPrinter(io, sync, time, operations)
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

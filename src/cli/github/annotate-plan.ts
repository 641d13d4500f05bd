import type { Problem } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Origin, Say } from '../../types.ts'
import { describeReason } from '../render/reasons.ts'
import { countOf } from '../render/words.ts'
import type { HeldSync } from '../run/gate-syncs.ts'
import { annotateProblem, bounded, placeOf, type Workspace } from './annotations.ts'
import type { Annotation } from './workflow-commands.ts'

/** What a plan found out that is worth a look. */
export interface PlanFindings {
  readonly plans: readonly Plan[]
  readonly held: readonly HeldSync[]
  readonly problems: readonly Problem[]
}

/** What GitHub shows of a plan, at the YAML of its syncs: what cannot be planned, guards, what is held, then rejected rows by size. */
export function annotatePlan(
  { plans, held, problems }: PlanFindings,
  originOf: (sync: string) => Origin | undefined,
  workspace: Workspace,
  say: Say,
): readonly Annotation[] {
  const at = (sync: string) => placeOf(originOf(sync), workspace)
  const guards = plans.flatMap((plan) =>
    plan.guards.map(
      ({ guard, message }): Annotation => ({
        level: 'error',
        title: `Sync ${plan.sync}: a run would be guarded (${guard})`,
        message: `${message}. A run would write nothing.\nIf this is right: ${say(`run --select ${plan.sync} --force-guard ${guard}`)}`,
        ...at(plan.sync),
      }),
    ),
  )
  const kept = held.map(
    ({ sync, why, exitCode }): Annotation => ({
      level: exitCode === 1 ? 'error' : 'warning',
      title: `Sync ${sync.name}: a run would hold it`,
      message: why,
      ...at(sync.name),
    }),
  )
  const rejected = plans
    .flatMap(({ sync, rejects }) => rejects.map((group) => ({ sync, ...group })))
    .sort((a, b) => b.rows - a.rows)
    .map(({ sync, reason, rows }): Annotation => {
      const { meaning, advice } = describeReason(reason)
      return {
        level: 'warning',
        title: `Sync ${sync}: ${countOf(rows, 'row')} would be rejected, ${reason}`,
        message: `${meaning}. ${advice}`,
        ...at(sync),
      }
    })
  return bounded([
    ...problems.map((problem) => annotateProblem(problem, workspace)),
    ...guards,
    ...kept,
    ...rejected,
  ])
}

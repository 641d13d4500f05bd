import type { Problem } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { Manifest } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Failure } from '../failure.ts'
import type { Printer } from '../render/plan-printers.ts'
import type { RemovedSync } from '../run/against.ts'
import type { HeldSync } from '../run/gate-syncs.ts'
import { outputFolder, type Session } from '../session.ts'
import { version } from '../version.ts'
import type { PlanArtifact } from './artifacts.ts'
import { writeArtifact } from './write-artifact.ts'

/** Changes kept per sync, with `--all`, too: the file is to be read whole. */
const keptChanges = 10

/** What is known of a plan so far. */
interface PlanFacts {
  session?: Session
  manifest?: Manifest
  against: string | null
  portalId: string | null
  held: readonly HeldSync[]
  removed: readonly RemovedSync[]
  problems: readonly Problem[]
}

/** Collects what `target/backhaul/plan.json` holds while it is printed. */
export interface PlanRecorder {
  readonly facts: PlanFacts
  /** Keeps what goes to a printer. */
  record(printer: Printer, time: (plan: Plan) => number): Printer
  /** Writes the file, where there is a project to write it to. */
  write(error: Failure | null): void
}

export function createPlanRecorder(io: Io): PlanRecorder {
  const facts: PlanFacts = { against: null, portalId: null, held: [], removed: [], problems: [] }
  const plans: PlanArtifact['plans'][number][] = []
  return {
    facts,
    record(printer, time) {
      const kept: PlannedChange[] = []
      let told: Plan | undefined
      const keep = (changes: readonly PlannedChange[]) =>
        kept.push(...changes.slice(0, keptChanges - kept.length))
      return {
        plan(plan, changes) {
          told = plan
          keep(changes)
          printer.plan(plan, changes)
        },
        more(changes) {
          keep(changes)
          printer.more(changes)
        },
        end(plan, shown, all) {
          const changesLeft = all - kept.length
          plans.push({ ...(told ?? plan), expectedSeconds: time(plan), changes: kept, changesLeft })
          printer.end(plan, shown, all)
        },
      }
    },
    write(error) {
      const { session, manifest, against, portalId, held, removed, problems } = facts
      if (session === undefined) return
      const { project, log } = session
      const content: PlanArtifact = {
        metadata: {
          schema_version: 1,
          backhaul_version: version(),
          generated_at: new Date(io.clock()).toISOString(),
          invocation_id: io.invocationId,
          dbt_invocation_id: manifest?.invocationId ?? null,
          target: project.targetName,
          portal_id: portalId,
          against,
        },
        plans,
        held: held.map(({ sync, why, exitCode }) => ({
          sync: sync.name,
          why,
          isFailure: exitCode === 1,
        })),
        removed,
        problems,
        error,
      }
      writeArtifact(outputFolder(project), 'plan.json', content, (facts) =>
        log.warn('plan.json cannot be written', facts),
      )
    },
  }
}

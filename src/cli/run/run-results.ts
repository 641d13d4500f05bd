import type { Logger } from '../../log.ts'
import type { RejectGroup } from '../../record/rejects.ts'
import type { SyncReport } from '../../run/context.ts'
import type { Usage } from '../../warehouse/warehouse.ts'
import type { RunResults } from '../artifacts/artifacts.ts'
import { writeArtifact } from '../artifacts/write-artifact.ts'
import type { Failure } from '../failure.ts'
import { version } from '../version.ts'

export function runResults(facts: {
  readonly invocationId: string
  readonly dbtInvocationId: string | null
  readonly target: string | null
  readonly portalId: string | null
  readonly usage: Usage
  readonly reports: readonly SyncReport[]
  readonly rejects: ReadonlyMap<string, readonly RejectGroup[]>
  readonly waiting: ReadonlyMap<string, readonly RejectGroup[]>
  /** Ids of runs that were entered after their syncs had failed. */
  readonly runIds: ReadonlyMap<string, string>
  readonly error: Failure | null
  readonly elapsedMs: number
  readonly exitCode: number
  readonly nowMs: number
}): RunResults {
  return {
    metadata: {
      schema_version: 1,
      backhaul_version: version(),
      generated_at: new Date(facts.nowMs).toISOString(),
      invocation_id: facts.invocationId,
      dbt_invocation_id: facts.dbtInvocationId,
      target: facts.target,
      portal_id: facts.portalId,
    },
    results: facts.reports.map((report) => ({
      ...report,
      runId: report.runId ?? facts.runIds.get(report.sync) ?? null,
      rejects: facts.rejects.get(report.sync) ?? [],
      waiting: facts.waiting.get(report.sync) ?? [],
    })),
    error: facts.error,
    warehouse: {
      statements: facts.usage.statements,
      bytes_billed: facts.usage.bytesBilled ?? null,
    },
    elapsed_time: facts.elapsedMs / 1000,
    exit_code: facts.exitCode,
  }
}

/** Writes the results beside dbt's, whole or not at all. */
export function writeRunResults(folder: string, results: RunResults, log: Logger): void {
  writeArtifact(folder, 'run_results.json', results, (facts) =>
    log.warn(
      'run_results.json cannot be written; what was sent is recorded in the warehouse all the same',
      facts,
    ),
  )
}

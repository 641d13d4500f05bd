import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../log.ts'
import type { RejectGroup } from '../record/rejects.ts'
import type { SyncReport } from '../run/context.ts'
import type { Usage } from '../warehouse/warehouse.ts'
import type { Failure } from './failure.ts'
import { version } from './version.ts'

/** How one sync ended, with its rejected rows, and those left for the next run, by reason. */
export interface SyncResult extends SyncReport {
  readonly rejects: readonly RejectGroup[]
  readonly waiting: readonly RejectGroup[]
}

/** What `run --output json` prints and `target/backhaul/run_results.json` holds, in dbt's shape. */
export interface RunResults {
  readonly metadata: {
    readonly schema_version: 1
    readonly backhaul_version: string
    readonly generated_at: string
    readonly invocation_id: string
    readonly dbt_invocation_id: string | null
    /** Null when the project could not be read. */
    readonly target: string | null
    readonly portal_id: string | null
  }
  readonly results: readonly SyncResult[]
  /** Why the run ended before its syncs were through; null when it did not. */
  readonly error: Failure | null
  /** What the engine was asked, and where it bills bytes, how many. */
  readonly warehouse: { readonly statements: number; readonly bytes_billed: number | null }
  readonly elapsed_time: number
  readonly exit_code: number
}

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
  const path = join(folder, 'run_results.json')
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${path}.part`, `${JSON.stringify(results, null, 2)}\n`)
    renameSync(`${path}.part`, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    log.warn('run_results.json cannot be written; the run itself is recorded', {
      code: String(error.code),
      path,
    })
  }
}

import type { OutcomeCounts } from '../../record/runs.ts'
import type { Follow } from '../../run/context.ts'
import type { RequestRecord, RunStatus } from '../../types.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'

/** What is told of run_results.json. */
export interface RunFigures {
  readonly metadata: { readonly generated_at: string }
  readonly results: readonly {
    readonly sync: string
    readonly object: string
    readonly status: RunStatus
    readonly durationMs: number
    readonly counts: OutcomeCounts
    readonly calls: { readonly made: number }
    readonly plan: { readonly rows: { readonly unchanged: number } } | null
  }[]
  readonly warehouse: { readonly statements: number; readonly bytes_billed: number | null }
}

/** Who is told what a command does: OpenTelemetry, or nobody. Names, counts and durations only; never a value. */
export interface Telemetry extends Follow {
  /** Does the whole command. */
  command(name: string, work: () => Promise<number>): Promise<number>
  /** An attempt of a call has ended. @param baseUrl where it went to */
  called(request: RequestRecord, baseUrl: string): void
  /** The same session; its statements are followed. */
  following(warehouse: Warehouse): Warehouse
  /** A run has ended; its numbers are those of run_results.json. @param builtAt when dbt wrote what was run, in ISO 8601 */
  ran(figures: RunFigures, builtAt: string | undefined): void
  /** Hands everything over, within a bounded time. @returns false when that was not enough: connections may still be open */
  close(): Promise<boolean>
}

/** Costs nothing: no package is loaded for it. */
export const noTelemetry: Telemetry = {
  command: (_name, work) => work(),
  sync: (_sync, work) => work(),
  step: (_step, work) => work(),
  called() {},
  following: (warehouse) => warehouse,
  ran() {},
  close: async () => true,
}

/**
 * The public API: what tests and tools around Backhaul import. The commands are the product; this is for a pipeline's own
 * tests (a local HubSpot, the syncs of a manifest) and for reading what commands print with `--output json`.
 */

/** What `backhaul run --output json` prints and `target/backhaul/run_results.json` holds. */
export type { RunResults, SyncResult } from './cli/artifacts/artifacts.ts'
/** What `resolveSyncs` needs to know and gives back. */
export { type Resolved, type ResolveOptions, resolveSyncs } from './config/resolve-syncs.ts'
/** A sync that cannot be what it says, with where and what to do; `formatProblem` prints it as the commands do. */
/** The user's input is at fault; HubSpot failed or refused; the warehouse did. */
export {
  DestinationError,
  formatProblem,
  type Problem,
  UserError,
  WarehouseError,
} from './errors.ts'
/** Where warnings go; `silentLogger` drops them. */
export { type Logger, silentLogger } from './log.ts'
/** Reads dbt's `manifest.json`: `await readManifest('target/manifest.json', { log: silentLogger })`. */
export { type ReadOptions, readManifest } from './manifest/read-manifest.ts'
/** The two kinds of documents of `backhaul plan --output json`, without their `kind`. */
export type { Plan } from './plan/plan.ts'
export type { PlannedChange } from './plan/planned-changes.ts'
/** Why rows were rejected, as in the results of a run. */
export type { RejectGroup } from './record/rejects.ts'
/** A fault that a sandbox plays on requests that match. */
export type { FaultRule } from './sandbox/faults.ts'
export type { SandboxOptions } from './sandbox/options.ts'
/**
 * Starts a local HubSpot for a test:
 *
 * ```ts
 * const sandbox = await startSandbox()
 * // run backhaul with HUBSPOT_BASE_URL=sandbox.url and HUBSPOT_ACCESS_TOKEN=sandbox.token
 * sandbox.records('contacts')
 * await sandbox.close()
 * ```
 */
export { type Sandbox, startSandbox } from './sandbox/sandbox.ts'
/** dbt's manifest and the syncs in it, as far as Backhaul reads them. */
export type { Manifest, Model, Sync } from './types.ts'

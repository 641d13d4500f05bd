import { type GateMode, gate } from '../manifest/gate.ts'
import { readRunResults } from '../manifest/run-results.ts'
import type { Manifest, Sync } from '../types.ts'
import type { Session } from './session.ts'

/** Results of a build older than this say nothing about today's tables. */
const maxAgeMs = 24 * 60 * 60 * 1000

export interface HeldSync {
  readonly sync: Sync
  readonly exitCode: 0 | 1
  readonly why: string
}

export interface Gated {
  readonly open: readonly Sync[]
  readonly held: readonly HeldSync[]
}

/** Holds the syncs whose models the last dbt build did not bring out well, and says so. */
export async function gateSyncs(
  session: Session,
  manifest: Manifest,
  syncs: readonly Sync[],
  mode: GateMode,
): Promise<Gated> {
  const runResults = await readRunResults(session.project.runResultsPath)
  const { verdicts, ungated, warnings } = gate({
    manifest,
    runResults,
    mode,
    nowMs: session.io.clock(),
    maxAgeMs,
  })
  for (const warning of warnings) session.log.warn(warning)
  const open: Sync[] = []
  const held: HeldSync[] = []
  for (const sync of syncs) {
    const verdict = verdicts.get(sync.model.uniqueId)
    if (verdict?.verdict === 'held') {
      held.push({ sync, exitCode: verdict.exitCode, why: verdict.why })
    } else {
      open.push(sync)
      if (verdict?.warning !== undefined) session.log.warn(`${sync.name}: ${verdict.warning}`)
    }
  }
  if (ungated !== undefined && open.length > 0) {
    session.log.warn(`Ungated: ${ungated}. The tables are taken as they are.`)
  }
  return { open, held }
}

/** The three modes as the command line lets them through. */
export const gateMode = (value: unknown): GateMode =>
  value === 'require' || value === 'off' ? value : 'auto'

import { basename, extname } from 'node:path'
import { UserError } from '../errors.ts'
import { type GateMode, gate } from '../manifest/gate.ts'
import { type RunResults, readRunResults } from '../manifest/run-results.ts'
import { checkTarget, type TargetFacts } from '../manifest/target-check.ts'
import type { Project } from '../project/find-project.ts'
import { inDependencyOrder } from '../run/dependency-order.ts'
import type { Manifest, Sync } from '../types.ts'
import { textSetting } from '../warehouse/settings.ts'
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

/**
 * Holds the syncs whose models the last dbt build did not bring out well, or brought out in another target, and says so.
 *
 * @throws UserError when dbt's manifest cannot be of this target
 */
export async function gateSyncs(
  session: Session,
  manifest: Manifest,
  syncs: readonly Sync[],
  mode: GateMode,
): Promise<Gated> {
  // Without the gate a damaged file is as good as none.
  const runResults = await readRunResults(session.project.runResultsPath).catch(
    (error: unknown) => {
      if (mode === 'off' && error instanceof UserError) return undefined
      throw error
    },
  )
  const elsewhere = whyElsewhere(session, manifest, runResults, syncs, mode)
  if (elsewhere !== undefined) {
    return { open: [], held: syncs.map((sync) => ({ sync, exitCode: 1, why: elsewhere })) }
  }
  const { verdicts, ungated, notes } = gate({
    manifest,
    runResults,
    mode,
    nowMs: session.io.clock(),
    maxAgeMs,
  })
  for (const note of notes) session.log.debug(note)
  const open: Sync[] = []
  const held: HeldSync[] = []
  for (const sync of inDependencyOrder(syncs)) {
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

/**
 * The one dbt command that builds what the gate holds with exit code 1; undefined when it holds nothing so.
 * Models that were not part of the build are left out: somebody chose that.
 */
export function buildCommand(
  { targetName, defaultTargetName }: Pick<Project, 'targetName' | 'defaultTargetName'>,
  held: readonly HeldSync[],
): string | undefined {
  const failed = held.filter(({ exitCode }) => exitCode === 1)
  if (failed.length === 0) return undefined
  const models = [...new Set(failed.map(({ sync }) => sync.model.name))]
  const target = targetName === defaultTargetName ? '' : ` --target ${targetName}`
  const isPartial = failed.some(({ why }) => /--(empty|sample)/.test(why))
  return `dbt build --select ${models.join(' ')}${target}${isPartial ? ', without that option' : ''}`
}

/** Why every sync is to be held: the manifest is of another target. */
function whyElsewhere(
  { project, io, log }: Session,
  manifest: Manifest,
  runResults: RunResults | undefined,
  syncs: readonly Sync[],
  mode: GateMode,
): string | undefined {
  const verdict = checkTarget({
    manifest,
    runResults,
    models: syncs.map(({ model }) => model),
    target: targetFacts(project),
    mode,
    nowMs: io.clock(),
    maxAgeMs,
  })
  switch (verdict.kind) {
    case 'refused':
      throw new UserError({ message: verdict.why, hint: verdict.hint })
    case 'held':
      return verdict.why
    case 'warning':
      log.warn(`Perhaps another target's tables: ${verdict.why}`)
      return undefined
    case 'fine':
      return undefined
  }
}

function targetFacts(project: Project): TargetFacts {
  const { settings, type } = project.connection
  const path = textSetting(settings, 'path')
  const file = path === undefined || /^(:memory:|\w\w+:)/.test(path) ? undefined : path
  return {
    name: project.targetName,
    defaultName: project.defaultTargetName,
    samePlace: project.samePlaceTargets,
    adapter: type,
    schema: project.schema,
    // dbt-duckdb names the database after the file.
    database:
      textSetting(settings, 'database', 'dbname') ??
      (file === undefined ? undefined : basename(file, extname(file))),
  }
}

/** The three modes as the command line lets them through. */
export const gateMode = (value: unknown): GateMode =>
  value === 'require' || value === 'off' ? value : 'auto'

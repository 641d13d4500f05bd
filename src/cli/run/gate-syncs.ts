import { statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { UserError } from '../../errors.ts'
import { type GateMode, gate } from '../../manifest/gate.ts'
import { type RunResults, readRunResults } from '../../manifest/run-results.ts'
import { checkTarget, type TargetFacts } from '../../manifest/target-check.ts'
import type { Environment } from '../../project/environment.ts'
import type { Project } from '../../project/find-project.ts'
import { inDependencyOrder } from '../../run/dependency-order.ts'
import { defaultSelector } from '../../selection/yaml-selectors.ts'
import type { HoldCause, Manifest, Sync } from '../../types.ts'
import { textSetting } from '../../warehouse/settings.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'
import type { Session } from '../session.ts'

/** Results of a build older than this say nothing about today's tables. */
const maxAgeMs = 24 * 60 * 60 * 1000

export interface HeldSync {
  readonly sync: Sync
  readonly exitCode: 0 | 1
  readonly why: string
  /** What of dbt's holds it; empty when it is no node's doing. */
  readonly causes: readonly HoldCause[]
}

export interface Gated {
  readonly open: readonly Sync[]
  readonly held: readonly HeldSync[]
}

/** What the options of a command say of the gate. */
export interface GateOptions {
  readonly mode: GateMode
  /** Files of results, or folders with one; empty: the one in the target folder. */
  readonly files: readonly string[]
}

export const gateOptions = (args: Arguments): GateOptions => ({
  mode: gateMode(args['gate']),
  files: argumentList(args['run-results']),
})

/**
 * Holds the syncs whose models the last dbt build did not bring out well, or brought out in another target, and says so.
 *
 * @throws UserError when dbt's manifest cannot be of this target, or a file that is asked for is not there
 */
export async function gateSyncs(
  session: Session,
  manifest: Manifest,
  syncs: readonly Sync[],
  options: GateOptions,
): Promise<Gated> {
  const { mode } = options
  const runResults = await readSteps(session, options)
  const elsewhere = whyElsewhere(session, manifest, runResults, syncs, mode)
  if (elsewhere !== undefined) {
    const held = { exitCode: 1, why: elsewhere, causes: [] } as const
    return { open: [], held: syncs.map((sync) => ({ sync, ...held })) }
  }
  const { verdictOf, ungated, warnings, notes } = gate({
    manifest,
    hasDefaultSelector: defaultSelector(manifest.selectors ?? {}) !== undefined,
    runResults,
    mode,
    env: customVariables(session.project.env),
    nowMs: session.io.clock(),
    maxAgeMs,
  })
  for (const note of notes) session.log.debug(note)
  for (const warning of warnings) session.log.warn(warning)
  const open: Sync[] = []
  const held: HeldSync[] = []
  for (const sync of inDependencyOrder(syncs)) {
    const verdict = verdictOf(sync.model.uniqueId, sync.gate)
    if (verdict.verdict === 'held') {
      const { exitCode, why, causes } = verdict
      held.push({ sync, exitCode, why, causes })
    } else {
      open.push(sync)
      if (verdict.warning !== undefined) session.log.warn(`${sync.name}: ${verdict.warning}`)
    }
  }
  if (ungated !== undefined && open.some((sync) => sync.gate?.check !== 'off')) {
    session.log.warn(`Ungated: ${ungated}. The tables are taken as they are.`)
  }
  return { open, held }
}

/** The results of the last build, or of the steps of the job that are named. */
async function readSteps(
  { project, io }: Session,
  { mode, files }: GateOptions,
): Promise<readonly RunResults[]> {
  const asked = files.map((file) => resolve(io.cwd, file))
  const paths = asked.length === 0 ? [project.runResultsPath] : asked
  const read = await Promise.all(
    paths.map(async (path) => {
      // Without the gate a damaged file is as good as none.
      const found = await readRunResults(inFolder(path)).catch((error: unknown) => {
        if (mode === 'off' && error instanceof UserError) return undefined
        throw error
      })
      if (found === undefined && asked.length > 0 && mode !== 'off') throw missing(path)
      return found
    }),
  )
  return read.filter((results) => results !== undefined)
}

const inFolder = (path: string): string =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, 'run_results.json') : path

const missing = (path: string): UserError =>
  new UserError(
    {
      message: `--run-results names ${path}, and there are no results of dbt`,
      hint: 'Give the run_results.json of each step, or its folder.',
    },
    { exitCode: 2 },
  )

/** dbt puts these variables into what it writes, without the prefix. */
const CUSTOM_PREFIX = 'DBT_ENV_CUSTOM_ENV_'

function customVariables(env: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith(CUSTOM_PREFIX) && value !== undefined
        ? [[name.slice(CUSTOM_PREFIX.length), value]]
        : [],
    ),
  )
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
  const models = [...new Set(failed.map(buildSelector))]
  const target = targetName === defaultTargetName ? '' : ` --target ${targetName}`
  const isPartial = failed.some(({ why }) => /--(empty|sample)/.test(why))
  return `dbt build --select ${models.join(' ')}${target}${isPartial ? ', without that option' : ''}`
}

/** What to do about syncs that are held because the last build left their models out; undefined for none. */
export function ungateHint(held: readonly HeldSync[]): string | undefined {
  const leftOut = held.filter(({ exitCode }) => exitCode === 0).map(({ sync }) => sync.name)
  if (leftOut.length === 0) return undefined
  return `To send the tables of ${leftOut.join(', ')} as they are, once: --select ${leftOut.join(' ')} --gate off`
}

/** The model, and what it is made of where that is the cause. */
function buildSelector({ sync: { model }, causes }: HeldSync): string {
  return causes.some(({ node }) => node !== model.uniqueId) ? `+${model.name}` : model.name
}

/** Why every sync is to be held: the manifest is of another target. */
function whyElsewhere(
  { project, io, log }: Session,
  manifest: Manifest,
  runResults: readonly RunResults[],
  syncs: readonly Sync[],
  mode: GateMode,
): string | undefined {
  const verdicts = (runResults.length === 0 ? [undefined] : runResults).map((results) =>
    checkTarget({
      manifest,
      runResults: results,
      models: syncs.map(({ model }) => model),
      target: targetFacts(project),
      mode,
      nowMs: io.clock(),
      maxAgeMs,
    }),
  )
  for (const verdict of verdicts) {
    if (verdict.kind === 'refused') {
      throw new UserError({ message: verdict.why, hint: verdict.hint })
    }
  }
  const held = verdicts.find(({ kind }) => kind === 'held')
  if (held?.kind === 'held') return held.why
  const warned = verdicts.find(({ kind }) => kind === 'warning')
  if (warned?.kind === 'warning') log.warn(`Perhaps another target's tables: ${warned.why}`)
  return undefined
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
    profilesDir: dirname(project.profilesFile),
    // dbt-duckdb names the database after the file.
    database:
      textSetting(settings, 'database', 'dbname') ??
      (file === undefined ? undefined : basename(file, extname(file))),
  }
}

/** The three modes as the command line lets them through. */
const gateMode = (value: unknown): GateMode =>
  value === 'require' || value === 'off' ? value : 'auto'

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inOrder, resolveSyncs } from '../config/resolve-syncs.ts'
import { type Problem, UserError } from '../errors.ts'
import type { Settings } from '../project/settings.ts'
import { selectSyncs } from '../selection/select-syncs.ts'
import type { Selectable } from '../selection/selectable.ts'
import type { Manifest, Sync } from '../types.ts'
import type { Arguments } from './command-line/option.ts'
import { readSelection, type SelectionSession } from './selection.ts'
import { changedAfter, describeStale } from './stale-manifest.ts'

export interface LoadedSyncs {
  readonly manifest: Manifest
  /** Every valid sync of the project, disabled ones included. */
  readonly all: readonly Sync[]
  /** Those that were selected and are enabled for the target. */
  readonly selected: readonly Sync[]
  /** Names of the selected syncs that are not valid. */
  readonly invalid: readonly string[]
  /** What is wrong with what was selected, and with the project as a whole. */
  readonly problems: readonly Problem[]
  /** Names of all syncs that the project defines, invalid ones included. */
  readonly definedNames: ReadonlySet<string>
}

/**
 * Reads dbt's manifest and the syncs in it. What is wrong with syncs that are not selected is nobody's business here.
 *
 * @param args of a command that selects; left out, every sync is selected
 */
export async function loadSyncs(
  session: SelectionSession & {
    readonly project: { readonly settings: Pick<Settings, 'syncs'> }
  },
  args?: Arguments,
): Promise<LoadedSyncs> {
  const { project, log } = session
  const { manifest, selection, facts } = await readSelection(session, args)
  warnOfStaleManifest(session, manifest)
  const { syncs: all, attributed } = resolveSyncs(manifest, {
    projectDir: project.projectDir,
    readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    overrides: project.settings.syncs,
  })
  const enabled = all.filter((sync) => sync.enabled)
  const { syncs: chosen, warnings } = selectSyncs<Selectable>(
    [...enabled, ...attributed.flatMap(({ about }) => about)],
    selection,
    facts,
    all.filter((sync) => !sync.enabled),
  )
  for (const warning of warnings) log.warn(warning)
  const isChosen = new Set<Selectable>(chosen)
  const ofChosen = attributed.filter(
    ({ about }) => about.length === 0 || about.some((one) => isChosen.has(one)),
  )
  const named = ofChosen.flatMap(({ problem, about }) =>
    problem.sync === undefined ? [] : about.filter((one) => isChosen.has(one)),
  )
  const invalid = attributed.flatMap(({ problem }) =>
    [problem.sync, problem.otherSync].filter((name) => name !== undefined),
  )
  return {
    manifest,
    all,
    selected: enabled.filter((sync) => isChosen.has(sync)),
    invalid: [...new Set(named.map(({ name }) => name))],
    problems: inOrder(ofChosen),
    definedNames: new Set([...all.map((sync) => sync.name), ...invalid]),
  }
}

function warnOfStaleManifest(
  { project, log }: Parameters<typeof loadSyncs>[0],
  manifest: Manifest,
): void {
  const changedAtMs = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs
  const stale = describeStale(
    changedAfter(manifest, changedAtMs(project.manifestPath) ?? 0, (path) =>
      changedAtMs(join(project.projectDir, path)),
    ),
  )
  if (stale !== undefined) log.warn(stale)
}

/** @throws UserError when something that is not one sync's alone is wrong */
export function stopOnGeneralProblems(problems: readonly Problem[]): void {
  const general = problems.filter((problem) => problem.sync === undefined)
  if (general.length > 0) throw new UserError(general)
}

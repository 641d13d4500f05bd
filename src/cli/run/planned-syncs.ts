import { resolve } from 'node:path'
import { UserError } from '../../errors.ts'
import type { RunOptions } from '../../run/context.ts'
import type { Arguments } from '../command-line/option.ts'
import type { LoadedSyncs } from '../load-syncs.ts'
import type { Session } from '../session.ts'
import { version } from '../version.ts'
import { checkPlanFile, type PlanFile, planFlags, readPlanFile } from './plan-file.ts'
import { sealOf } from './plan-seal.ts'

/** The file that a run is held to. */
export interface OpenPlanFile {
  readonly file: PlanFile
  readonly shown: string
  /** What went into its digests. */
  readonly seal: string
}

/**
 * Reads the file of `--plan`, and refuses what can be known to differ before anything is connected to.
 *
 * @returns undefined where the run is held to none
 * @throws UserError
 */
export function openPlanFile(
  args: Arguments,
  { io, project, log }: Pick<Session, 'io' | 'project' | 'log'>,
  options: RunOptions,
): OpenPlanFile | undefined {
  if (args['plan'] === undefined) return undefined
  const others = ['select', 'exclude', 'selector', 'rekey', 'rematch'].filter(
    (name) => args[name] !== undefined && args[name] !== false,
  )
  if (others.length > 0) {
    throw new UserError(
      {
        message: `--plan does not go with ${others.map((name) => `--${name}`).join(', ')}`,
        hint: 'A plan file says which syncs are run. To run others, plan them: backhaul plan --select … --out FILE',
      },
      { exitCode: 2 },
    )
  }
  const shown = String(args['plan'])
  const file = readPlanFile({ path: resolve(io.cwd, shown), shown })
  if (file.backhaul !== version()) {
    log.warn(
      `${shown} was planned by Backhaul ${file.backhaul}, and this is ${version()}: what they plan may differ`,
    )
  }
  const seal = sealOf(file, shown, io)
  const { name, targetName: target } = project
  checkPlanFile(file, shown, { project: name, target, flags: planFlags(options, seal) })
  return { file, shown, seal }
}

/**
 * The syncs of a plan file, and what is wrong with them.
 *
 * @throws UserError where one of them is not there any more
 */
export function onlyPlanned(loaded: LoadedSyncs, { file, shown }: OpenPlanFile): LoadedSyncs {
  const names = new Set(file.syncs.map(({ sync }) => sync))
  const selected = loaded.selected.filter(({ name }) => names.has(name))
  const invalid = loaded.invalid.filter((name) => names.has(name))
  const found = new Set([...selected.map(({ name }) => name), ...invalid])
  const missing = [...names].filter((name) => !found.has(name))
  if (missing.length > 0) {
    const what = missing.length === 1 ? 'sync' : 'syncs'
    throw new UserError({
      message: `plans ${what} ${missing.join(', ')}, which the project does not define any more, or has disabled`,
      where: { file: shown },
      hint: 'Plan again: backhaul plan --out FILE',
    })
  }
  const isOurs = (name: string | undefined) => name !== undefined && names.has(name)
  return {
    ...loaded,
    selected,
    invalid,
    problems: loaded.problems.filter(
      ({ sync, otherSync }) => sync === undefined || isOurs(sync) || isOurs(otherSync),
    ),
  }
}

import { resolve } from 'node:path'
import { type Problem, UserError } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { SealedPlan } from '../../plan/plan-digest.ts'
import type { RunOptions } from '../../run/context.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import type { OwnFile } from '../own-file.ts'
import { shellWord } from '../render/shell-word.ts'
import type { Session } from '../session.ts'
import { version } from '../version.ts'
import { checkPlanFilePlace, describePlanFile, planFlags, writePlanFile } from './plan-file.ts'
import type { PlanSeal } from './plan-seal.ts'

/** The file of `--out`. @throws UserError where it may not be written, or the plan is of a kind that no file holds */
export function outFile(args: Arguments, io: Io): OwnFile | undefined {
  if (args['out'] === undefined) return undefined
  const moved = ['rekey', 'rematch'].filter((flag) => args[flag] === true)
  if (moved.length > 0) {
    throw new UserError(
      {
        message: `--out does not go with ${moved.map((flag) => `--${flag}`).join(' and ')}`,
        hint: 'What becomes of rows under another key is found out by the run itself: plan it without --out.',
      },
      { exitCode: 2 },
    )
  }
  const shown = String(args['out'])
  const file = { path: resolve(io.cwd, shown), shown }
  checkPlanFilePlace(file)
  return file
}

/**
 * Writes what a run can be held to.
 *
 * @returns why it is not written: a file of some of the syncs that were asked for would be taken for all of them
 */
export function writeOut(
  { log, project, io }: Session,
  out: OwnFile,
  facts: {
    readonly args: Arguments
    /** Undefined where no sync was planned. */
    readonly portalId: string | undefined
    readonly options: RunOptions
    readonly seal: PlanSeal
    readonly sealed: readonly SealedPlan[]
    readonly plans: readonly Plan[]
    readonly problems: readonly Problem[]
  },
): Problem | undefined {
  const { args, portalId, options, seal, sealed, plans, problems } = facts
  if (problems.length > 0) {
    return {
      message: `${out.shown} is not written: not every sync that was asked for can be planned`,
      hint: 'Mend what is wrong, or leave those syncs out with --exclude.',
    }
  }
  if (plans.some(({ isCountOnly }) => isCountOnly)) {
    return {
      message: `${out.shown} is not written: the warehouse lets this login create no scratch table, so that nothing but counts is known`,
      hint: 'Plan with a login that may, see docs/warehouses.md.',
    }
  }
  if (portalId === undefined) {
    log.warn(`${out.shown} is not written: there is no sync to plan`)
    return undefined
  }
  writePlanFile(out, {
    backhaul: version(),
    plannedAt: new Date(io.clock()).toISOString(),
    project: project.name,
    target: project.targetName,
    portalId,
    ...seal.facts,
    flags: planFlags(options, seal.seal),
    syncs: sealed,
  })
  log.info(`${out.shown} holds ${describePlanFile({ syncs: sealed })}`)
  const flags = [
    ...(args['target'] === undefined ? [] : [`--target ${shellWord(project.targetName)}`]),
    ...(options.isFullRefresh ? ['--full-refresh'] : []),
    ...(options.limit === undefined ? [] : [`--limit ${options.limit}`]),
    ...(options.onlyRows ?? []).map((key) => `--row ${shellWord(key)}`),
  ]
  log.info(
    `To send just that: ${['backhaul run --plan', shellWord(out.shown), ...flags].join(' ')}`,
  )
  return undefined
}

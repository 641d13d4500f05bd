import { UserError } from '../../errors.ts'
import { guardNames } from '../../plan/guards.ts'
import type { RunOptions, RunSettings } from '../../run/context.ts'
import type { Sync } from '../../types.ts'
import { type Arguments, argumentList } from '../command-line/option.ts'
import type { Session } from '../session.ts'

/** What the flags of `run` and `plan` say. @throws UserError with exit code 2 for values that make no sense */
export function readRunOptions(args: Arguments): RunOptions {
  const forced = argumentList(args['force-guard'])
  const unknown = forced.filter((name) => !(guardNames as readonly string[]).includes(name))
  if (unknown.length > 0) {
    throw new UserError(
      {
        message: `There is no guard ${unknown.join(', ')}`,
        hint: `Guards: ${guardNames.join(', ')}`,
      },
      { exitCode: 2 },
    )
  }
  const limit = readLimit(args, 'For example --limit 10; leave it out for every row.')
  const rows = argumentList(args['row'])
  return {
    isFullRefresh: args['full-refresh'] === true,
    ...(limit === undefined ? {} : { limit }),
    ...(rows.length === 0 ? {} : { onlyRows: rows }),
    forcedGuards: new Set(forced),
    isRekeying: args['rekey'] === true,
    isRematching: args['rematch'] === true,
    isFailFast: args['fail-fast'] === true,
  }
}

/** `--limit`; undefined where it is not given. @throws UserError with exit code 2 for what is no number of rows or calls */
export function readLimit({ limit }: Arguments, hint: string): number | undefined {
  if (limit === undefined) return undefined
  if (Number.isInteger(limit) && Number(limit) > 0) return Number(limit)
  throw new UserError(
    { message: `--limit needs a whole number above 0, not ${limit}`, hint },
    { exitCode: 2 },
  )
}

/**
 * A full refresh of syncs that send each row once is a slip of who typed it: it is told before anything starts, and is no failure of
 * theirs.
 */
export function refuseRefresh({ isFullRefresh }: RunOptions, syncs: readonly Sync[]): void {
  const once = syncs.filter(({ mode }) => mode === 'insert')
  if (!isFullRefresh || once.length === 0) return
  const records = once.filter(({ type }) => type === 'object')
  const events = once.filter(({ type }) => type === 'event')
  const reasons = [
    ...(records.length === 0 ? [] : [`mode insert sends each row once: ${namesOf(records)}`]),
    ...(events.length === 0 ? [] : [`an event is sent once: ${namesOf(events)}`]),
  ]
  const leaveOut = `Leave them out: ${once.map(({ name }) => `--exclude ${name}`).join(' ')}.`
  throw new UserError(
    {
      message: `--full-refresh sends records again, and ${reasons.join('; ')}`,
      hint:
        records.length === 0
          ? leaveOut
          : `${leaveOut} To send values again, use mode upsert or update.`,
    },
    { exitCode: 2 },
  )
}

const namesOf = (syncs: readonly Sync[]): string =>
  `${syncs.length === 1 ? 'sync' : 'syncs'} ${syncs.map(({ name }) => name).join(', ')}`

export function readRunSettings({ project }: Session): RunSettings {
  const { settings } = project
  return {
    auditValues: settings.audit.values,
    auditRequests: settings.audit.requests,
    retentionDays: settings.audit.retentionDays,
    leaseSeconds: settings.leaseSeconds,
    requestTimeoutSeconds: Math.ceil(settings.requestTimeoutMs / 1000),
    concurrency: settings.concurrency,
    searchDelaySeconds: settings.searchDelaySeconds,
  }
}

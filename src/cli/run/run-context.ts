import { join } from 'node:path'
import { scrubMessage } from '../../destination/hubspot/scrub.ts'
import { UserError } from '../../errors.ts'
import type { Ledger } from '../../record/ledger.ts'
import {
  type CrashPoint,
  crashPoints,
  type Progress,
  type RunContext,
  type RunOptions,
} from '../../run/context.ts'
import type { Account, Manifest } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Hubspot } from '../connect-hubspot.ts'
import { holderName, isHolderGone } from '../lease-holder.ts'
import { outputFolder, type Session } from '../session.ts'
import { sleep } from '../sleep.ts'
import { uuidv7 } from '../uuid.ts'
import { readRunSettings } from './run-options.ts'

/** What a run shares, of a session that is connected on both sides. @throws UserError for a crash point that does not exist */
export function runContext(
  session: Session,
  facts: {
    readonly hubspot: Hubspot
    readonly ledger: Ledger
    readonly account: Account
    readonly manifest: Manifest
    readonly options: RunOptions
    readonly approved?: RunContext['approved']
    readonly progress: Progress
  },
): RunContext {
  const { io, project } = session
  const { hubspot, ledger, account, manifest, options, progress, approved } = facts
  return {
    ...session,
    ...io,
    destination: hubspot.destination,
    takeRequests: hubspot.takeRequests,
    heldRequests: [],
    madeProperties: new Set(),
    madeAgain: new Set(),
    ledger,
    account,
    dbtInvocationId: manifest.invocationId ?? null,
    targetName: project.targetName,
    settings: readRunSettings(session),
    options,
    ...(approved === undefined ? {} : { approved }),
    scrub: scrubMessage,
    spoolFolder: join(outputFolder(project), 'spool'),
    holder: holderName(session),
    isHolderGone,
    sleep,
    newId: () => uuidv7(io.clock(), io.random),
    passing: crashAt(io),
    progress,
    follow: io.telemetry,
  }
}

/** `BACKHAUL_CRASH_AT=point[:n]` ends the process when it passes that point for the n-th time. For tests. */
function crashAt(io: Io): (point: CrashPoint) => void {
  const asked = io.env['BACKHAUL_CRASH_AT']
  if (asked === undefined || asked === '') return () => {}
  const [point, nth] = asked.split(':')
  if (!(crashPoints as readonly string[]).includes(point ?? '')) {
    throw new UserError(
      {
        message: `BACKHAUL_CRASH_AT: no point ${point}`,
        hint: `Points: ${crashPoints.join(', ')}`,
      },
      { exitCode: 2 },
    )
  }
  let left = Number(nth ?? 1)
  return (passed) => {
    if (passed !== point) return
    left -= 1
    if (left === 0) io.kill()
  }
}

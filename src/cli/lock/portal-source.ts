import { type LockedHubspot, lockedHubspot } from '../../destination/hubspot/locked.ts'
import type { HubspotDestination } from '../../destination/hubspot/open.ts'
import { UserError } from '../../errors.ts'
import { type LockedPortal, type LockPlace, renewLock } from '../../lock/locked-portal.ts'
import type { Lock } from '../../lock/read-lock.ts'
import type { Settings } from '../../project/settings.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import type { Session } from '../session.ts'
import { sleep } from '../sleep.ts'
import { isThere, lockCommand, lockFile, readLockFile } from './lock-file.ts'

/** Who says what there is in HubSpot. */
export interface PortalSource {
  readonly destination: LockedHubspot | HubspotDestination
  /** Present where it is a lock: nothing is looked up. */
  readonly offline?: Offline | undefined
}

export interface Offline extends LockPlace {
  readonly portal: LockedPortal
}

/** HubSpot, or the lock where that is asked for or where there is no token. Which of them it is is told. */
export async function portalSource(session: Session, args: Arguments): Promise<PortalSource> {
  const { io, log, project } = session
  const place = lockFile(args, { cwd: io.cwd, projectDir: project.projectDir })
  const isAsked = args['offline'] === true
  const lacksToken = project.settings.token.kind === 'missing'
  if (!isAsked && !(lacksToken && isThere(place))) return await connectHubspot(session)
  const portal = lockedPortal(session, args)
  const why = isAsked ? '' : ', because there is no token'
  log.warn(
    `HubSpot is not asked${why}: what it says of portal ${portal.portalId} stands in ${place.shown}`,
  )
  const lock = { file: place.shown, renew: renewLock(lockCommand(args)) }
  const { concurrency, requestsPer10Seconds } = project.settings
  const destination = lockedHubspot(portal, lock, {
    clock: io.clock,
    sleep,
    concurrency,
    ...(requestsPer10Seconds === undefined ? {} : { requestsPerTenSeconds: requestsPer10Seconds }),
  })
  return { destination, offline: { ...lock, portal } }
}

/** A lock is named, or there is one. */
export const hasLockFile = ({ io, project }: Session, args: Arguments): boolean =>
  args['lock-file'] !== undefined ||
  isThere(lockFile(args, { cwd: io.cwd, projectDir: project.projectDir }))

/** What the lock says of the target's portal. @throws UserError where there is none */
function lockedPortal({ io, project }: Session, args: Arguments): LockedPortal {
  const place = lockFile(args, { cwd: io.cwd, projectDir: project.projectDir })
  const lock = readLockFile(place)
  if (lock === undefined) {
    throw new UserError({
      message: `there is no ${place.shown}, and without it nothing is known of HubSpot offline`,
      hint: renewLock(lockCommand(args)),
    })
  }
  return portalFor(lock, place.shown, project, lockCommand(args, project.targetName))
}

/** The portal that backhaul.yml names for the target, else the one that the lock was made for with it, else the only one. */
export function portalFor(
  { portals }: Pick<Lock, 'portals'>,
  file: string,
  {
    targetName,
    settings,
  }: Pick<Session['project'], 'targetName'> & {
    readonly settings: Pick<Settings, 'portalId'>
  },
  command: string,
): LockedPortal {
  const renew = renewLock(command)
  const { portalId } = settings
  const named = portals.find((portal) => portal.portalId === portalId)
  if (named !== undefined) return named
  const ids = portals.map((portal) => portal.portalId).join(', ')
  if (portalId !== undefined) {
    throw new UserError({
      message: `the target ${targetName} writes to portal ${portalId}, and ${file} is of ${ids === '' ? 'none' : `portal ${ids}`}`,
      hint: renew,
    })
  }
  const made = portals.find(({ targets }) => targets.includes(targetName))
  const [only, other] = portals
  const found = made ?? (other === undefined ? only : undefined)
  if (found !== undefined) return found
  throw new UserError({
    message: `${file} is of ${ids === '' ? 'no portal' : `the portals ${ids}`}, and was made for none of them with the target ${targetName}`,
    hint: renew,
  })
}

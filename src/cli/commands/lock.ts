import { formatProblem, Interrupted, type Problem, printable, UserError } from '../../errors.ts'
import type { Difference } from '../../lock/difference.ts'
import { differences } from '../../lock/differences.ts'
import { lockText } from '../../lock/lock-text.ts'
import type { LockedPortal } from '../../lock/locked-portal.ts'
import type { Lock } from '../../lock/read-lock.ts'
import { recording } from '../../lock/record.ts'
import { type ReadSync, usedBy } from '../../lock/used.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import { type AskingContext, retried } from '../../run/asking.ts'
import { findTargetList } from '../../run/members/list.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import type { ListSource, Sync } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { describeFailure, type Failure } from '../failure.ts'
import { loadSyncs } from '../load-syncs.ts'
import { checkMappings } from '../lock/check-offline.ts'
import { lockCommand, lockFile, readLockFile, writeLockFile } from '../lock/lock-file.ts'
import { asksForJson } from '../options.ts'
import type { OwnFile } from '../own-file.ts'
import { countOf } from '../render/words.ts'
import { askingOf } from '../run/asking.ts'
import { whyNothing } from '../run/why-nothing.ts'
import { openSession, type Session } from '../session.ts'

/** Versions of the endpoints that the schema is read from, as their paths have them. */
const api = 'v3'

/** Writes down what HubSpot says of what the syncs use, or compares it with what is written. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  try {
    return await lock(args, io)
  } catch (error) {
    const { exitCode: _, ...failure } = describeFailure(error, io)
    if (asksForJson(args)) printJson(io, { isUpToDate: false, differences: [], error: failure })
    throw error
  }
}

async function lock(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const { log, project } = session
  const place = lockFile(args, { cwd: io.cwd, projectDir: project.projectDir })
  const before = readLockFile(place)
  const isChecking = args['check'] === true
  if (isChecking && before === undefined) throw noLock(place, lockCommand(args))
  const loaded = await loadSyncs(withAllSyncs(session))
  // A lock of some of the syncs would be none.
  if (loaded.problems.length > 0) throw new UserError(loaded.problems)
  const nothing = whyNothing(loaded)
  if (nothing !== undefined) throw new UserError({ message: nothing })
  const { portal, read, problems } = await readPortal(session, loaded.selected, before)
  const kept = (before?.portals ?? []).filter(({ portalId }) => portalId !== portal.portalId)
  const own = before?.portals.find(({ portalId }) => portalId === portal.portalId)
  if (isChecking) {
    const broken = new Set(problems.flatMap(({ sync }) => sync ?? []))
    const found =
      own === undefined ? undefined : differences(own, portal, { syncs: loaded.selected, broken })
    return tellDifferences(args, session, place, portal, found)
  }
  const all = [...problems, ...read.flatMap(problemsOf)]
  for (const problem of all) log.warn(formatProblem(problem))
  const text = lockText([...kept.map((each) => without(each, project.targetName)), portal], api)
  writeLockFile(place, text)
  if (asksForJson(args))
    printJson(io, { file: place.shown, portalId: portal.portalId, problems: all })
  log.info(
    `${place.shown} says what ${countOf(loaded.selected.length, 'sync')} ${loaded.selected.length === 1 ? 'needs' : 'need'} to know of portal ${portal.portalId}; commit it`,
  )
  return 0
}

const noLock = ({ shown }: OwnFile, command: string): UserError =>
  new UserError({
    message: `there is no ${shown} to compare HubSpot with`,
    hint: `Run \`${command}\`, and commit the file.`,
  })

/** Targets may share a portal: what one of them switches on is in its lock, whoever makes it. */
function withAllSyncs(session: Session): Session {
  const { settings } = session.project
  const enabled = settings.allTargets.enabledSyncs.map((name) => [name, { enabled: true }])
  const syncs = { ...settings.syncs, ...Object.fromEntries(enabled) }
  return { ...session, project: { ...session.project, settings: { ...settings, syncs } } }
}

/** A mistake keeps nothing from being locked: what HubSpot lacks is a part of what it says. */
function problemsOf({ sync, schema }: ReadSync): readonly Problem[] {
  try {
    checkMappings(sync, schema)
    return []
  } catch (error) {
    if (error instanceof UserError) return error.problems
    throw error
  }
}

/** A target's token belongs to one portal. */
const without = (portal: LockedPortal, target: string): LockedPortal => ({
  ...portal,
  targets: portal.targets.filter((each) => each !== target),
})

interface PortalRead {
  readonly portal: LockedPortal
  /** Those whose object could be read. */
  readonly read: readonly ReadSync[]
  /** Why the others could not. */
  readonly problems: readonly Problem[]
}

/** Asks HubSpot everything that checking and planning the syncs asks of its schema. */
async function readPortal(
  session: Session,
  syncs: readonly Sync[],
  before: Lock | undefined,
): Promise<PortalRead> {
  const hubspot = await connectHubspot(session)
  const { destination, portal } = recording(hubspot.destination)
  const asking = askingOf(session, destination)
  const account = await retried(asking, () => destination.account(session.drain))
  const pinned = await pinnedLists(session, syncs)
  const readSchema = schemaReader(asking, syncs)
  const read: ReadSync[] = []
  const problems: Problem[] = []
  for (const sync of syncs) {
    if (session.drain.aborted) throw new Interrupted()
    try {
      const schema = await readSchema(sync)
      read.push({ sync, schema })
      if (sync.list === undefined) continue
      const own = pinned.find(({ syncName }) => [sync.name, sync.previousName].includes(syncName))
      if (own?.listId !== undefined) await askByName(asking, sync.list, schema.objectTypeId)
      await findTargetList(asking, sync, sync.list, schema, own, pinned)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push(...error.problems.map((problem) => ({ sync: sync.name, ...problem })))
    }
  }
  const own = before?.portals.find(({ portalId }) => portalId === account.portalId)
  const targets = new Set([...(own?.targets ?? []), session.project.targetName])
  return { portal: portal(account, [...targets], usedBy(read)), read, problems }
}

/** A list that is pinned is asked for by its id; where nothing has run yet, as in a CI, it is asked for by its name. */
async function askByName(
  asking: AskingContext,
  { target }: ListSource,
  objectTypeId: string,
): Promise<void> {
  if (target.kind === 'id') return
  const { name } = target
  const { destination, drain } = asking
  await retried(asking, () => destination.findList({ name, objectTypeId }, drain))
}

/** Which lists earlier runs wrote: the state says so. Without syncs of lists no warehouse is asked. */
async function pinnedLists(session: Session, syncs: readonly Sync[]): Promise<readonly Identity[]> {
  if (syncs.every(({ list }) => list === undefined)) return []
  const warehouse = await connectWarehouse(session)
  try {
    return await readIdentities(ledgerOf(session, warehouse))
  } finally {
    await warehouse.close()
  }
}

/** @param found undefined where the lock is of other portals */
function tellDifferences(
  args: Arguments,
  { io, log, project }: Session,
  { shown }: OwnFile,
  { portalId }: LockedPortal,
  found: readonly Difference[] | undefined,
): number {
  const renew = lockCommand(args, project.targetName)
  if (found === undefined) {
    throw new UserError({
      message: `${shown} says nothing of portal ${portalId}`,
      hint: `Run \`${renew}\`, and commit the file.`,
    })
  }
  const matter = found.filter(({ matters }) => matters)
  if (asksForJson(args)) {
    printJson(io, {
      file: shown,
      portalId,
      isUpToDate: matter.length === 0,
      differences: found,
      error: null,
    })
  } else {
    for (const difference of found)
      io.stdout(`${difference.matters ? '!' : ' '} ${textOf(difference)}\n`)
  }
  if (matter.length > 0) {
    log.error(
      `${countOf(matter.length, 'difference')} between ${shown} and portal ${portalId} ${matter.length === 1 ? 'matters' : 'matter'}. When the syncs are right again: ${renew}`,
    )
    return 1
  }
  log.info(
    found.length === 0
      ? `${shown} says what portal ${portalId} says`
      : `No sync breaks by what is different in portal ${portalId}. To take it up: ${renew}`,
  )
  return 0
}

function textOf({ message, syncs }: Difference): string {
  return printable(syncs.length === 0 ? message : `${message} (${syncs.join(', ')})`)
}

const printJson = (
  io: Io,
  document: Readonly<Record<string, unknown>> & { error?: Failure | null },
) => io.stdout(`${JSON.stringify(document)}\n`)

import { UserError } from '../../errors.ts'
import { type DefinitionEdit, definitionOf, editsOf } from '../../plan/sync-definition.ts'
import { findProject } from '../../project/find-project.ts'
import type { Identity } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import type { Sync } from '../../types.ts'
import { reachState } from '../../warehouse/open.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { ledgerOf } from '../connect-warehouse.ts'
import { sayFor } from '../render/shell-word.ts'
import { countOf } from '../render/words.ts'
import { findOptions, openLog, type Session } from '../session.ts'

/** Another target, whose state this target's models are compared with. */
export interface Against {
  readonly targetName: string
  /** Database of its state, where that is another one than the session's. */
  readonly database?: string
  /** Schema of our own tables of this target. */
  readonly ownSchema: string
}

/**
 * The session of a plan against another target: models, manifest and login of this target; state, HubSpot account and all else that
 * backhaul.yml says of the other. Nothing of it writes.
 *
 * @throws UserError where one session cannot reach both
 */
export async function openAgainst(
  args: Arguments,
  io: Io,
): Promise<{ readonly session: Session; readonly against: Against }> {
  const asked = String(args['against'])
  refuseFlags(args)
  const options = findOptions(args, io)
  const own = findProject(options)
  if (own.targetName === asked) {
    throw new UserError(
      {
        message: `--against ${asked} is the target itself`,
        hint: 'Name the target whose state the models of this one are compared with, e.g. --target ci --against prod. Without --against a plan is of the target itself.',
      },
      { exitCode: 2 },
    )
  }
  const other = findProject({ ...options, flags: { ...options.flags, target: asked } })
  const reach = await reachState(own.connection, other.connection)
  if ('why' in reach) {
    throw new UserError({
      message: `The state of target ${asked} cannot be read beside the models of target ${own.targetName}: ${reach.why}`,
      hint: `Build the models where target ${asked} builds, in a schema of their own.`,
    })
  }
  const { token } = own.settings
  const project = {
    ...own,
    connection: reach.connection,
    settings: other.settings,
    secrets: [
      ...new Set([
        ...own.secrets,
        ...other.secrets,
        ...(token?.kind === 'token' ? [token.token] : []),
      ]),
    ],
  }
  return {
    session: { project, say: sayFor(project), ...openLog(args, io, project) },
    against: {
      targetName: other.targetName,
      ownSchema: own.settings.schema,
      ...(reach.database === undefined ? {} : { database: reach.database }),
    },
  }
}

function refuseFlags(args: Arguments): void {
  const flags = ['out', 'rekey', 'rematch'].filter(
    (name) => args[name] !== undefined && args[name] !== false,
  )
  if (flags.length === 0) return
  throw new UserError(
    {
      message: `--against does not go with ${flags.map((flag) => `--${flag}`).join(', ')}`,
      hint: 'It shows what the models of one target would do to another, which no run does as it is.',
    },
    { exitCode: 2 },
  )
}

/** The state of the other target, with scratch tables beside our own. */
export function ledgerAgainst(
  session: Session,
  warehouse: Warehouse,
  { database, ownSchema }: Against,
): Ledger {
  const ledger = ledgerOf(session, warehouse)
  return {
    ...ledger,
    location: { ...ledger.location, ...(database === undefined ? {} : { database }) },
    scratch: {
      database: warehouse.stateDatabase,
      schema: warehouse.dialect.ownName(ownSchema),
    },
  }
}

/** The keys that the other target had otherwise when it last ran the sync; undefined where nothing tells. */
export function editsAgainst(
  sync: Sync,
  pinned: readonly Identity[],
): readonly DefinitionEdit[] | undefined {
  const names = [sync.name, sync.previousName]
  const before = pinned.find(({ syncName }) => names.includes(syncName))?.definition
  return before === undefined ? undefined : editsOf(before, definitionOf(sync))
}

/** A sync that the other target has run, and that this project does not define. */
export interface RemovedSync {
  readonly sync: string
  readonly model: string
}

/** @param previousNames that syncs of this project had */
export const removedSyncs = (
  pinned: readonly Identity[],
  definedNames: ReadonlySet<string>,
  previousNames: ReadonlySet<string>,
): readonly RemovedSync[] =>
  pinned
    .filter(({ syncName }) => !definedNames.has(syncName) && !previousNames.has(syncName))
    .map(({ syncName, modelId }) => ({ sync: syncName, model: modelId }))

/** What such syncs leave behind, in words. */
export const describeRemoved = (removed: readonly RemovedSync[], against: string): string =>
  `${countOf(removed.length, 'sync')} of target ${against} ${removed.length === 1 ? 'is' : 'are'} not in this project any more: ${removed.map(({ sync }) => sync).join(', ')}. Without a sync nothing is sent, cleared or archived: records stay as they are.`

import { UserError } from '../../errors.ts'
import { findProject, type Project } from '../../project/find-project.ts'
import { removeSync } from '../../record/cleaning.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import { ensureSchema, type Ledger } from '../../record/ledger.ts'
import { readUnmergedRuns } from '../../record/leftovers.ts'
import {
  openStateImport,
  readPin,
  readStateLines,
  type StateImport,
  type StateLine,
  stateLinesVersion,
} from '../../record/state-lines.ts'
import { retried } from '../../run/asking.ts'
import { checkIdentity } from '../../run/identity-check.ts'
import { schemaReader } from '../../run/prepare.ts'
import { askingOf } from '../asking.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import { isSelective } from '../selection.ts'
import {
  connectHubspot,
  connectWarehouse,
  findOptions,
  type LoadedSyncs,
  ledgerOf,
  loadSyncs,
  openSession,
  type Session,
} from '../session.ts'
import { keepHeapSmall } from '../small-heap.ts'
import { stateName, underLease } from '../state-access.ts'
import { examineStateFile, readStateFile, writeStateFile } from '../state-file.ts'
import { version } from '../version.ts'
import { countOf } from '../words.ts'

/** Copies the state of syncs to a file, takes it from one, or moves it here from another place. HubSpot is only asked who it is. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  keepHeapSmall()
  const session = openSession(args, io)
  switch (args['ACTION']) {
    case 'export':
      await exportState(session, args, fileOf(args))
      return 0
    case 'import':
      await importState(session, fileOf(args))
      return 0
    default:
      await moveState(session, args)
      return 0
  }
}

function fileOf(args: Arguments): string {
  if (args['FILE'] !== undefined) return String(args['FILE'])
  throw new UserError(
    {
      message: `backhaul state ${args['ACTION']} needs a file`,
      hint: `For example: backhaul state ${args['ACTION']} state.ndjson`,
    },
    { exitCode: 2 },
  )
}

/** Without a selection every sync is meant, whatever the project's default selector is: no state is left behind unseen. */
const loadChosen = (session: Session, args: Arguments): Promise<LoadedSyncs> =>
  isSelective(args) ? loadSyncs(session, args) : loadSyncs(session)

/** The identities that are meant: those of the selected syncs; without a selection every one. */
function chosen(
  args: Arguments,
  { selected }: LoadedSyncs,
  pinned: readonly Identity[],
): readonly Identity[] {
  const isSelected = isSelective(args)
  if (!isSelected) return pinned
  const names = new Set(selected.map((sync) => stateName(sync, pinned)))
  return pinned.filter(({ syncName }) => names.has(syncName))
}

function nothingIn({ location: { schema } }: Ledger, pinned: readonly Identity[]): UserError {
  const names = pinned.map(({ syncName }) => syncName)
  return names.length === 0
    ? new UserError({
        message: `No sync has a state in ${schema}`,
        hint: 'Check the name of the schema and the target: `backhaul status --json` says which schema a target uses.',
      })
    : new UserError({
        message: `No selected sync has a state in ${schema}`,
        hint: `Syncs with a state there: ${names.join(', ')}.`,
      })
}

/** A run that is not merged has rows on their way: its books come first. */
async function refuseOpenRuns(ledger: Ledger, identities: readonly Identity[]): Promise<void> {
  const names = identities.map(({ syncName }) => syncName)
  const [open] = await readUnmergedRuns(ledger, names)
  if (open === undefined) return
  throw new UserError({
    message: 'its last run was cut short, and its books are open',
    sync: open.syncName,
    hint: `Finish them first: backhaul run --select ${open.syncName}`,
  })
}

async function exportState(session: Session, args: Arguments, path: string): Promise<void> {
  const loaded = await loadChosen(session, args)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const pinned = await readIdentities(ledger)
    const identities = chosen(args, loaded, pinned)
    if (identities.length === 0) throw nothingIn(ledger, pinned)
    let rows = 0
    async function* lines(): AsyncIterable<readonly StateLine[]> {
      yield [
        {
          kind: 'backhaul-state',
          version: stateLinesVersion,
          backhaul: version(),
          exportedAt: new Date(session.io.clock()).toISOString(),
          engine: warehouse.dialect.name,
          syncs: identities.map(({ syncName }) => syncName),
        },
      ]
      for (const identity of identities) {
        for await (const some of readStateLines(ledger, identity)) {
          rows += some.filter(({ kind }) => kind === 'row').length
          yield some
        }
      }
    }
    await underLease(session, ledger, identities, async () => {
      await refuseOpenRuns(ledger, identities)
      await writeStateFile(path, lines())
    })
    session.io.stdout(
      `Exported ${countOf(identities.length, 'sync')}, ${countOf(rows, 'row')}, to ${path}. It holds property values: keep it as you keep the state.\n`,
    )
  } finally {
    await warehouse.close()
  }
}

async function importState(session: Session, path: string): Promise<void> {
  const { header, syncs } = await examineStateFile(path)
  const loaded = await loadSyncs(session)
  await checkAll(session, loaded, syncs)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    await ensureSchema(ledger)
    const taken = await readIdentities(ledger)
    refuseTaken(ledger, syncs, taken, 'Leave it out of the export with --exclude')
    await underLease(session, ledger, syncs, async (check) => {
      let into: StateImport | undefined
      for await (const line of readStateFile(path)) {
        if (line.kind === 'sync') into = await openStateImport(ledger, line, header.engine)
        else if (line.kind === 'end') await told(session, line.syncName, into?.finish(check))
        else if (line.kind !== 'backhaul-state') await into?.add(line.kind, line.values)
      }
    })
  } finally {
    await warehouse.close()
  }
}

async function told(
  { io }: Session,
  name: string,
  done: ReturnType<StateImport['finish']> | undefined,
): Promise<void> {
  const counts = await done
  io.stdout(`Took over sync ${name}: ${countOf(counts?.rows ?? 0, 'row')}\n`)
}

function refuseTaken(
  { location }: Ledger,
  syncs: readonly Identity[],
  taken: readonly Identity[],
  wayOut: string,
): void {
  const both = syncs.filter(({ syncName }) => taken.some((one) => one.syncName === syncName))
  if (both.length === 0) return
  throw new UserError(
    both.map(({ syncName }) => ({
      message: `has a state in ${location.schema} already`,
      sync: syncName,
      hint: `Nothing is merged or replaced. ${wayOut}, or use another \`schema:\`.`,
    })),
  )
}

/** The identities are those that the project, the portal and the token would pin: as a run checks them. */
async function checkAll(
  session: Session,
  loaded: LoadedSyncs,
  identities: readonly Identity[],
): Promise<void> {
  const { destination } = await connectHubspot(session)
  const asking = askingOf(session, destination)
  const account = await retried(asking, () => destination.account(session.drain))
  const readSchema = schemaReader(asking)
  for (const identity of identities) {
    const { syncName } = identity
    const sync =
      loaded.all.find(({ name }) => name === syncName) ??
      loaded.all.find(({ previousName }) => previousName === syncName)
    if (sync === undefined) {
      throw new UserError({
        message: `The project has no sync ${syncName}, and none with \`previous_name: ${syncName}\``,
        hint: 'Add the sync first, or leave it out of the export with --exclude.',
      })
    }
    const schema = await readSchema(sync)
    const { definedNames } = loaded
    const verdict = checkIdentity({ sync, schema, account, pinned: [identity], definedNames })
    if (verdict.kind === 'refused') throw new UserError(verdict.problem)
  }
}

async function moveState(session: Session, args: Arguments): Promise<void> {
  const from = sourceOf(session, args)
  const loaded = await loadChosen(session, args)
  const warehouse = await connectWarehouse(session)
  const source = await connectWarehouse({ ...session, project: from })
  try {
    const ledger = ledgerOf(session, warehouse)
    const old = ledgerOf({ project: from }, source)
    const pinned = await readIdentities(old)
    const identities = chosen(args, loaded, pinned)
    if (identities.length === 0) throw nothingIn(old, pinned)
    await checkAll(session, loaded, identities)
    await ensureSchema(ledger)
    await underLease(session, old, identities, async (checkOld) => {
      await refuseOpenRuns(old, identities)
      await underLease(session, ledger, identities, async (check) => {
        for (const identity of identities) {
          await moveOne(session, old, ledger, identity, () => {
            checkOld()
            check()
          })
        }
      })
    })
    session.io.stdout('Audit rows (`runs`, `changes`, `requests`) stay where they are.\n')
  } finally {
    await source.close()
    await warehouse.close()
  }
}

function sourceOf({ io, project }: Session, args: Arguments): Project {
  const target = args['from-target']
  const schema = args['from-schema']
  if (target === undefined && schema === undefined) {
    throw new UserError(
      {
        message: 'From where? --from-schema or --from-target is needed',
        hint: 'For example: backhaul state move --from-schema analytics_backhaul',
      },
      { exitCode: 2 },
    )
  }
  const from = target === undefined ? project : findProject(findOptions({ ...args, target }, io))
  const settings =
    schema === undefined ? from.settings : { ...from.settings, schema: String(schema) }
  const isSame =
    JSON.stringify(from.connection) === JSON.stringify(project.connection) &&
    settings.schema.toLowerCase() === project.settings.schema.toLowerCase()
  if (isSame) {
    throw new UserError({
      message: `The state of target ${project.targetName} is in ${settings.schema} already`,
      hint: 'Set the new place first: `schema:` in backhaul.yml, or --target.',
    })
  }
  return { ...from, settings }
}

/** Copies one sync, and only when the copy counts removes it from the old place; a move that was cut short in between is finished. */
async function moveOne(
  session: Session,
  old: Ledger,
  ledger: Ledger,
  identity: Identity,
  check: () => void,
): Promise<void> {
  const { syncName } = identity
  const taken = (await readIdentities(ledger)).filter((one) => one.syncName === syncName)
  if (taken.length === 0) {
    let into: StateImport | undefined
    for await (const lines of readStateLines(old, identity)) {
      for (const line of lines) {
        if (line.kind === 'sync')
          into = await openStateImport(ledger, line, old.warehouse.dialect.name)
        else if (line.kind === 'row' || line.kind === 'plan' || line.kind === 'link')
          await into?.add(line.kind, line.values)
      }
    }
    await told(session, syncName, into?.finish(check))
  } else if (!(await isCopy(old, ledger, syncName)))
    refuseTaken(ledger, [identity], taken, `To move the others: --exclude ${syncName}`)
  check()
  await removeSync(old, syncName)
}

/** The same state, and neither place has been used since it was copied: what differs may be known to one of them only. */
async function isCopy(old: Ledger, ledger: Ledger, syncName: string): Promise<boolean> {
  const before = await readPin(old, syncName)
  const now = await readPin(ledger, syncName)
  return (
    before.firstRunId === now.firstRunId &&
    before.rows === now.rows &&
    before.updatedAt === now.updatedAt
  )
}

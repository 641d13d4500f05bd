import { UserError } from '../../errors.ts'
import { findProject, type Project } from '../../project/find-project.ts'
import { removeSync } from '../../record/cleaning.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import type { Ledger } from '../../record/ledger.ts'
import { ensureSchema } from '../../record/schema/ensure-tables.ts'
import {
  openStateImport,
  readPin,
  readStateLines,
  type StateImport,
} from '../../record/state-lines.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { sayFor } from '../render/shell-word.ts'
import { findOptions, type Session } from '../session.ts'
import {
  checkAll,
  chosenIdentities,
  loadChosen,
  refuseOpenRuns,
  refuseTaken,
} from './chosen-identities.ts'
import { told } from './import-state.ts'
import { underLease } from './state-access.ts'

/** Moves the state of the chosen syncs here from another place. */
export async function moveState(session: Session, args: Arguments): Promise<void> {
  const from = sourceOf(session, args)
  const loaded = await loadChosen(session, args)
  const warehouse = await connectWarehouse(session)
  const source = await connectWarehouse({ ...session, project: from })
  try {
    const ledger = ledgerOf(session, warehouse)
    const old = ledgerOf({ project: from }, source)
    const identities = await chosenIdentities(args, loaded, old)
    await checkAll(session, loaded, identities)
    await ensureSchema(ledger)
    await underLease(session, old, identities, async (checkOld) => {
      await refuseOpenRuns(sayFor(from), old, identities)
      await underLease(session, ledger, identities, async (check) => {
        for (const identity of identities) {
          await moveOne(session, { old, ledger }, identity, () => {
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
  { old, ledger }: { readonly old: Ledger; readonly ledger: Ledger },
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

import { formatProblem, Interrupted, type Problem, UserError } from '../../errors.ts'
import { readIdentities } from '../../record/identity.ts'
import type { AskingContext } from '../../run/asking.ts'
import { checkSync } from '../../run/prepare/check-sync.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import { checkWhere } from '../../run/prepare/where-check.ts'
import type { ObjectSchema, Sync } from '../../types.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { describeFailure, type Failure } from '../failure.ts'
import { loadSyncs } from '../load-syncs.ts'
import { checkWithoutWarehouse } from '../lock/check-offline.ts'
import { findList } from '../lock/offline-list.ts'
import {
  hasLockFile,
  type Offline,
  type PortalSource,
  portalSource,
} from '../lock/portal-source.ts'
import { countOf } from '../render/words.ts'
import { askingOf } from '../run/asking.ts'
import { openSession, type Session } from '../session.ts'

type Asking = ReturnType<typeof askingOf>

/** Checks all selected syncs and reports every problem at once. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  try {
    return await validate(args, io)
  } catch (error) {
    const { exitCode: _, ...failure } = describeFailure(error, io)
    if (args['output'] === 'json') printJson(io, failure.problems, failure)
    throw error
  }
}

async function validate(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const { selected, invalid, problems } = await loadSyncs(session, args)
  const all = [...problems]
  let basis = args['offline'] === true ? ' (files only)' : ''
  const warnings: Problem[] = []
  const isOffline = args['offline'] === true
  const hasLock = isOffline && hasLockFile(session, args)
  if (selected.length > 0 && (hasLock || !isOffline)) {
    const { destination, offline } = await portalSource(session, args)
    all.push(
      ...(isOffline
        ? await checkEach(session, destination, selected, (asking, sync, schema) =>
            checkWithoutWarehouse(asking, sync, schema, warnings),
          )
        : await checkOnline(session, { destination, offline }, selected, warnings)),
    )
    basis =
      offline === undefined
        ? ''
        : ` by ${offline.file}${isOffline ? ', without the warehouse' : ''}`
  }
  for (const warning of warnings) session.log.warn(formatProblem(warning))
  if (args['output'] === 'json') printJson(io, all, null, warnings)
  else for (const problem of all) io.stdout(`${formatProblem(problem)}\n`)
  const syncs = countOf(selected.length + invalid.length, 'sync')
  if (all.length > 0) {
    session.log.error(`${countOf(all.length, 'problem')} in ${syncs}`)
    return 1
  }
  session.log.info(`${syncs} valid${basis}`)
  return 0
}

/** @param error why it could not be looked at everything; null when it was */
function printJson(
  io: Io,
  problems: readonly Problem[],
  error: Failure | null,
  warnings: readonly Problem[] = [],
): void {
  const valid = problems.length === 0 && error === null
  io.stdout(`${JSON.stringify({ valid, problems, warnings, error })}\n`)
}

/**
 * What model columns, HubSpot properties and filters have against the syncs.
 *
 * @param warnings collects what is only worth knowing
 */
async function checkOnline(
  session: Session,
  { destination, offline }: PortalSource,
  syncs: readonly Sync[],
  warnings: Problem[],
): Promise<readonly Problem[]> {
  const warehouse = await connectWarehouse(session)
  try {
    return await checkEach(session, destination, syncs, (asking, sync, schema) =>
      warehouse.withLabels({ sync: sync.name }, async () => {
        const checked = await checkSync({ ledger: ledgerOf(session, warehouse) }, sync, schema)
        warnings.push(...checked.warnings, ...checked.advice, ...checked.costs)
        warnings.push(...(await checkList(session, { asking, offline }, warehouse, sync, schema)))
        await checkWhere(warehouse, sync)
      }),
    )
  } finally {
    await warehouse.close()
  }
}

/** What is wrong with each of the syncs. */
async function checkEach(
  session: Session,
  destination: PortalSource['destination'],
  syncs: readonly Sync[],
  check: (asking: Asking, sync: Sync, schema: ObjectSchema) => Promise<void>,
): Promise<readonly Problem[]> {
  const asking = askingOf(session, destination)
  const readSchema = schemaReader(asking, syncs)
  const problems: Problem[] = []
  for (const sync of syncs) {
    if (session.drain.aborted) throw new Interrupted()
    try {
      await check(asking, sync, await readSchema(sync))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push(...error.problems.map((problem) => ({ sync: sync.name, ...problem })))
    }
  }
  return problems
}

/** What HubSpot has against the list of a sync. */
async function checkList(
  session: Session,
  { asking, offline }: { readonly asking: AskingContext; readonly offline: Offline | undefined },
  warehouse: Warehouse,
  sync: Sync,
  schema: ObjectSchema,
): Promise<readonly Problem[]> {
  if (sync.list === undefined) return []
  const pinned = await readIdentities(ledgerOf(session, warehouse))
  const own = pinned.find(({ syncName }) => [sync.name, sync.previousName].includes(syncName))
  return (await findList({ asking, offline }, sync, sync.list, schema, own, pinned)).warnings
}

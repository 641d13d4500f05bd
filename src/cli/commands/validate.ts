import { formatProblem, Interrupted, type Problem, UserError } from '../../errors.ts'
import { readIdentities } from '../../record/identity.ts'
import type { AskingContext } from '../../run/asking.ts'
import { findTargetList } from '../../run/list.ts'
import { checkSync, schemaReader } from '../../run/prepare.ts'
import { checkWhere } from '../../run/where-check.ts'
import type { ObjectSchema, Sync } from '../../types.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { describeFailure, type Failure } from '../failure.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import {
  connectHubspot,
  connectWarehouse,
  ledgerOf,
  loadSyncs,
  openSession,
  type Session,
  sleep,
} from '../session.ts'
import { countOf } from '../words.ts'

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
  const isOffline = args['offline'] === true
  const warnings: Problem[] = []
  if (!isOffline && selected.length > 0)
    all.push(...(await checkOnline(session, selected, warnings)))
  for (const warning of warnings) session.log.warn(formatProblem(warning))
  if (args['output'] === 'json') printJson(io, all, null, warnings)
  else for (const problem of all) io.stdout(`${formatProblem(problem)}\n`)
  const syncs = countOf(selected.length + invalid.length, 'sync')
  if (all.length > 0) {
    session.log.error(`${countOf(all.length, 'problem')} in ${syncs}`)
    return 1
  }
  session.log.info(`${syncs} valid${isOffline ? ' (files only)' : ''}`)
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
  syncs: readonly Sync[],
  warnings: Problem[],
): Promise<readonly Problem[]> {
  const { clock, random } = session.io
  const { destination } = await connectHubspot(session)
  const warehouse = await connectWarehouse(session)
  const asking = { ...session, destination, clock, random, sleep }
  const readSchema = schemaReader(asking, syncs)
  const problems: Problem[] = []
  try {
    for (const sync of syncs) {
      if (session.drain.aborted) throw new Interrupted()
      try {
        const schema = await readSchema(sync)
        await warehouse.withLabels({ sync: sync.name }, async () => {
          const checked = await checkSync({ ledger: ledgerOf(session, warehouse) }, sync, schema)
          warnings.push(...checked.warnings, ...checked.advice, ...checked.costs)
          warnings.push(...(await checkList(session, asking, warehouse, sync, schema)))
          await checkWhere(warehouse, sync)
        })
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        problems.push(...error.problems)
      }
    }
    return problems
  } finally {
    await warehouse.close()
  }
}

/** What HubSpot has against the list of a sync. */
async function checkList(
  session: Session,
  asking: AskingContext,
  warehouse: Warehouse,
  sync: Sync,
  schema: ObjectSchema,
): Promise<readonly Problem[]> {
  if (sync.list === undefined) return []
  const pinned = await readIdentities(ledgerOf(session, warehouse))
  const own = pinned.find(({ syncName }) => [sync.name, sync.previousName].includes(syncName))
  return (await findTargetList(asking, sync, sync.list, schema, own)).warnings
}

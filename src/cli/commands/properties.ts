import { formatProblem, Interrupted, type Problem, UserError } from '../../errors.ts'
import { checkSync } from '../../run/prepare/check-sync.ts'
import { createProperties, Promised } from '../../run/prepare/create-properties.ts'
import { schemaReader } from '../../run/prepare/schema-reader.ts'
import type { ObjectSchema, PropertyDefinition, Sync } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectHubspot } from '../connect-hubspot.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { describeFailure } from '../failure.ts'
import { loadSyncs, stopOnGeneralProblems } from '../load-syncs.ts'
import { describeDefinition } from '../render/plan-counts.ts'
import { countOf } from '../render/words.ts'
import { askingOf, readWritableAccount } from '../run/asking.ts'
import { openSession, type Session } from '../session.ts'

/** Properties that the syncs of one object lack. */
interface Lacking {
  readonly schema: ObjectSchema
  readonly missing: readonly PropertyDefinition[]
}

/** Creates what the selected syncs lack in HubSpot. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  try {
    return await create(args, io)
  } catch (error) {
    const { exitCode: _, ...failure } = describeFailure(error, io)
    if (args['output'] === 'json') io.stdout(`${JSON.stringify({ kind: 'error', ...failure })}\n`)
    throw error
  }
}

async function create(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const { log } = session
  const loaded = await loadSyncs(session, args)
  stopOnGeneralProblems(loaded.problems)
  const isDryRun = args['dry-run'] === true
  const { destination } = await connectHubspot(session)
  const asking = askingOf(session, destination)
  if (!isDryRun) await readWritableAccount(session, destination)
  const { lacking, problems } = await lackingOf(session, loaded.selected, schemaReader(asking))
  const isJson = args['output'] === 'json'
  for (const { schema, missing } of lacking) {
    if (session.drain.aborted) throw new Interrupted()
    if (!isDryRun) await createProperties(asking, schema, missing)
    for (const definition of missing) {
      const line = isJson
        ? JSON.stringify({
            kind: 'property',
            object: schema.name,
            isCreated: !isDryRun,
            ...definition,
          })
        : `${isDryRun ? 'Would create' : 'Created'} ${schema.name} property ${describeDefinition(definition)}`
      io.stdout(`${line}\n`)
    }
  }
  const all = [...loaded.problems, ...problems]
  for (const problem of all) {
    if (isJson) io.stdout(`${JSON.stringify({ kind: 'problem', ...problem })}\n`)
    log.error(formatProblem(problem))
  }
  if (lacking.length === 0 && all.length === 0) {
    log.info(`HubSpot has every property of ${countOf(loaded.selected.length, 'sync')}`)
  }
  return all.length > 0 ? 1 : 0
}

/** What the syncs lack, object by object. A sync with other problems is told of, and lacks nothing. */
async function lackingOf(
  session: Session,
  syncs: readonly Sync[],
  readSchema: (sync: Sync) => Promise<ObjectSchema>,
): Promise<{ readonly lacking: readonly Lacking[]; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = []
  const byObject = new Map<string, { schema: ObjectSchema; missing: PropertyDefinition[] }>()
  const promised = new Promised()
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    for (const sync of syncs) {
      if (session.drain.aborted) throw new Interrupted()
      try {
        const schema = await readSchema(sync)
        const { missing } = await checkSync({ ledger }, sync, schema, 'all')
        const known = byObject.get(schema.objectTypeId) ?? { schema, missing: [] }
        known.missing.push(...promised.claim(schema, missing))
        byObject.set(schema.objectTypeId, known)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        problems.push(...error.problems)
      }
    }
  } finally {
    await warehouse.close()
  }
  return { lacking: [...byObject.values()].filter(({ missing }) => missing.length > 0), problems }
}

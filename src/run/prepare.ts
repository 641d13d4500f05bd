import { DestinationError, formatProblem, type Problem, UserError } from '../errors.ts'
import { type BoundSync, bindSync, type Creates } from '../plan/bind.ts'
import { modelMatches } from '../plan/candidates.ts'
import { findColumn, isColumn } from '../plan/columns.ts'
import { lostKeyMark } from '../plan/departed.ts'
import { type Identity, pinStatement, readIdentities, renameSync } from '../record/identity.ts'
import { ensureSyncTables, type Ledger, planOf, resolutionsOf, stateOf } from '../record/ledger.ts'
import { countUnknown, rekey } from '../record/rekey.ts'
import { recordRematch } from '../record/rematch.ts'
import { runStatement, startRun } from '../record/runs.ts'
import { rivalProblem, rivalries } from '../rivals.ts'
import type { ObjectSchema, Owner, Pipelines, Sync } from '../types.ts'
import type { Column } from '../warehouse/dialect.ts'
import type { Value } from '../warehouse/sql.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { retried } from './asking.ts'
import { asRun, type PreparedSync, type RunContext } from './context.ts'
import { eventReader, eventsOfModel } from './event-schema.ts'
import { checkIdentity, type IdentityVerdict } from './identity-check.ts'
import { linkReader } from './link-schema.ts'
import { findTargetList } from './list.ts'
import { holdsPipeline, withPipelines } from './pipelines.ts'
import { recoverSync } from './recover.ts'
import { findKnown } from './rematch.ts'

/**
 * Reads object schemas once per run, and where mappings ask for them the object's pipelines and the owners, once, too.
 *
 * @param peers the syncs of the command: two that write one property of one object, by whatever name, are both refused
 */
export function schemaReader(
  context: Pick<RunContext, 'destination' | 'clock' | 'sleep' | 'random' | 'drain' | 'log'>,
  peers: readonly Sync[] = [],
): (sync: Sync) => Promise<ObjectSchema> {
  const read = new Map<string, Promise<ObjectSchema>>()
  let owners: Promise<readonly Owner[]> | undefined
  /** Once per run, and only when a mapping needs them. */
  const withOwners = async (sync: Sync, schema: ObjectSchema): Promise<ObjectSchema> => {
    if (
      !sync.mappings.some(({ source }) => source.kind === 'column' && source.as === 'owner_email')
    )
      return schema
    owners ??= retried(context, () => context.destination.owners(context.drain))
    return { ...schema, owners: await owners }
  }
  const pipelines = new Map<string, Promise<Pipelines | undefined>>()
  const readPipelines = (object: string): Promise<Pipelines | undefined> => {
    const known = pipelines.get(object)
    if (known !== undefined) return known
    const asked = retried(context, () => context.destination.pipelines(object, context.drain))
    pipelines.set(object, asked)
    return asked.then((told) => {
      if (told === undefined)
        context.log.warn(
          `HubSpot does not tell the pipelines of ${object}: values of pipelines and stages go out unchecked`,
        )
      return told
    })
  }
  const withStages = async (sync: Sync, schema: ObjectSchema): Promise<ObjectSchema> => {
    const mapped = sync.mappings.flatMap(({ property }) => schema.properties.get(property) ?? [])
    if (!mapped.some(holdsPipeline)) return schema
    const told = await readPipelines(schema.name)
    return told === undefined ? schema : withPipelines(schema, told)
  }
  const readObject = (object: string): Promise<ObjectSchema> => {
    const known = read.get(object)
    if (known !== undefined) return known
    const asked = retried(context, () => context.destination.describe(object, context.drain))
    read.set(object, asked)
    return asked
  }
  const refuseRivals = async (sync: Sync, schema: ObjectSchema): Promise<void> => {
    const ofObject: Sync[] = []
    for (const peer of peers.filter(({ name }) => name !== sync.name)) {
      if (rivalries(sync, [peer]).length === 0) continue
      // An object that cannot be read is told where its own sync is.
      const theirs = await readObject(peer.object).catch(() => undefined)
      if (theirs?.objectTypeId === schema.objectTypeId) ofObject.push(peer)
    }
    const found = rivalries(sync, ofObject)
    if (found.length > 0) throw new UserError(found.map((rivalry) => rivalProblem(sync, rivalry)))
  }
  const describe = (sync: Sync, object: string) =>
    readObject(object).catch((error: unknown) => {
      throw blameObject(sync, object, error)
    })
  const readEvents = eventReader(context)
  const withLinks = linkReader(context, readObject)
  return async (sync) => {
    if (sync.event !== undefined) {
      const events = await readEvents(sync, sync.event, (object) => describe(sync, object))
      return withOwners(sync, events)
    }
    const schema = await describe(sync, sync.object)
    await refuseRivals(sync, schema)
    const linked = await withLinks(sync, schema, peers)
    return withOwners(sync, await withStages(sync, linked))
  }
}

/** That HubSpot has no such object is a mistake in each sync that names it. */
function blameObject(sync: Sync, object: string, error: unknown): unknown {
  if (!(error instanceof DestinationError) || error.category !== 'OBJECT_TYPE_UNKNOWN') return error
  return new UserError(
    {
      message: `HubSpot has no object type ${object} that this token may see`,
      hint: error.hint ?? 'Use a name such as contacts, an objectTypeId, or p<portal>_<name>.',
      sync: sync.name,
      key: sync.event === undefined ? 'object' : sync.event.aboutKey,
      where: sync.event?.origins.about ?? sync.keyOrigins.object,
    },
    { cause: error },
  )
}

/** A sync that model and portal have nothing against. */
export interface CheckedSync extends Pick<PreparedSync, 'bound' | 'missing'> {
  readonly warnings: readonly Problem[]
  readonly advice: readonly Problem[]
  readonly costs: readonly Problem[]
}

/** Checks a sync against model and portal. Touches nothing. @throws UserError with every problem found */
export async function checkSync(
  context: Pick<RunContext, 'ledger'>,
  sync: Sync,
  schema: ObjectSchema,
  creates: Creates = 'as-said',
): Promise<CheckedSync> {
  const { warehouse } = context.ledger
  const relation = sync.model.relationName
  const columns = relation === undefined ? undefined : await warehouse.columns(relation)
  if (columns === undefined) {
    throw new UserError({
      message: `${relation ?? sync.model.name} does not exist in the warehouse`,
      hint: `Build it first: dbt build --select ${sync.model.name}`,
      sync: sync.name,
      where: sync.origin,
    })
  }
  const quote = (name: string) => warehouse.dialect.quote(name)
  const known = await knownEvents(warehouse, sync, schema, columns)
  const { bound, problems, warnings, advice, costs, missing } = bindSync(
    sync,
    known,
    columns,
    quote,
    creates,
  )
  if (bound === undefined) throw new UserError(problems)
  const { maxMappedProperties } = warehouse.dialect.capabilities
  const mapped = bound.properties.length + (bound.templates ?? []).length
  if (maxMappedProperties !== undefined && mapped > maxMappedProperties) {
    throw new UserError({
      message: `the sync maps ${mapped} properties; on ${warehouse.dialect.name} one sync can map ${maxMappedProperties}`,
      hint: 'Split it into two syncs of the same model that map different properties.',
      sync: sync.name,
      key: 'properties',
      where: sync.origin,
    })
  }
  return { bound, warnings, advice, costs, missing }
}

/** Where the model says which events its rows are, those are the ones to check. */
function knownEvents(
  warehouse: Warehouse,
  { event, model }: Sync,
  schema: ObjectSchema,
  columns: readonly Column[],
): Promise<ObjectSchema> | ObjectSchema {
  const relation = model.relationName
  const column = event?.name.kind === 'column' ? findColumn(event.name.column, columns) : undefined
  return relation !== undefined &&
    column !== undefined &&
    isColumn(column) &&
    column.family === 'text'
    ? eventsOfModel(warehouse, schema, { relation, column: column.name })
    : schema
}

/** Checks a sync, finishes what its last run left behind, and enters this run. Called under the lease. */
export function prepareSync(
  context: RunContext,
  sync: Sync,
  schema: ObjectSchema,
  definedNames: ReadonlySet<string>,
): Promise<PreparedSync> {
  const runId = context.newId()
  return asRun(context.ledger, { sync, runId }, () =>
    prepareRun(context, { sync, runId, schema }, definedNames),
  )
}

async function prepareRun(
  context: RunContext,
  { sync, runId, schema }: Pick<PreparedSync, 'sync' | 'runId' | 'schema'>,
  definedNames: ReadonlySet<string>,
): Promise<PreparedSync> {
  const { ledger, account } = context
  const { bound, missing, warnings, advice, costs } = await checkSync(context, sync, schema)
  const pinned = await readIdentities(ledger)
  const { isRekeying, isRematching } = context.options
  const verdict = checkIdentity({
    sync,
    schema,
    account,
    pinned,
    definedNames,
    isRekeying,
    isRematching,
  })
  // Advice is for who sets a sync up: the first run says it once.
  const list =
    sync.list === undefined || verdict.kind === 'refused'
      ? undefined
      : await findTargetList(context, sync, sync.list, schema, ownOf(sync, pinned, verdict))
  const told = [
    ...(verdict.kind === 'first' ? [...warnings, ...advice] : warnings),
    ...(list?.warnings ?? []),
  ]
  for (const warning of told) context.log.warn(formatProblem(warning))
  if (verdict.kind === 'refused') throw new UserError(verdict.problem)
  if (verdict.kind === 'renamed') {
    await renameSync(ledger, verdict.from, sync.name)
    context.log.info('The state goes by its new name', { from: verdict.from, to: sync.name })
  }
  await ensureSyncTables(ledger, sync.name, sync.associations.length > 0)
  await recoverSync(context, { sync, schema, bound })
  if (verdict.kind === 'rematched') await refuseUnknown(ledger, sync, 'match')
  await startRun(ledger, {
    runId,
    invocationId: context.invocationId,
    dbtInvocationId: context.dbtInvocationId,
    syncName: sync.name,
    modelId: sync.model.uniqueId,
    targetName: context.targetName,
    portalId: account.portalId,
    objectType: schema.objectTypeId,
    mode: sync.mode,
    isLimited: context.options.limit !== undefined || context.options.onlyRows !== undefined,
  })
  context.passing('run-entered')
  if (verdict.kind === 'rekeyed') await rekeySync(context, sync, bound, runId)
  if (verdict.kind === 'rematched') await rematchSync(context, { sync, schema, bound, runId })
  return {
    sync,
    runId,
    schema,
    bound,
    lacking: missing,
    missing,
    warnings: [...warnings, ...costs, ...(list?.warnings ?? [])],
    ...(list === undefined ? {} : { list }),
    ...historyOf(sync, pinned, verdict),
  }
}

async function rekeySync(
  context: RunContext,
  sync: Sync,
  bound: BoundSync,
  runId: string,
): Promise<void> {
  const { ledger } = context
  const { warehouse } = ledger
  await refuseUnknown(ledger, sync, 'primary_key')
  const relation = sync.model.relationName ?? ''
  const { found, lost } = await warehouse.withSnapshot(() =>
    rekey(ledger, {
      syncName: sync.name,
      runId,
      primaryKey: bound.keyColumns.map((column) => column.name),
      keys: modelMatches(warehouse.dialect, { ...bound, relation }),
      lostMark: lostKeyMark,
    }),
  )
  context.log.info('Known rows go by the new primary key', { sync: sync.name, rows: found })
  if (lost > 0) {
    context.log.warn(
      'The model has no row, or several, with the match value of known rows: their records stay',
      {
        sync: sync.name,
        rows: lost,
      },
    )
  }
}

async function rematchSync(
  context: RunContext,
  prepared: Pick<PreparedSync, 'sync' | 'schema' | 'bound' | 'runId'>,
): Promise<void> {
  const { ledger } = context
  const { sync, runId } = prepared
  const tables = {
    runId,
    state: stateOf(ledger, sync.name),
    plan: planOf(ledger, sync.name),
    resolutions: resolutionsOf(ledger, sync.name),
  }
  const { sought, found, moved } = await findKnown(context, prepared, tables)
  context.passing('known-found')
  await recordRematch(ledger, tables, {
    syncName: sync.name,
    matchProperty: sync.match?.property ?? null,
  })
  context.log.info('Known rows go by the new match property', { sync: sync.name, found, moved })
  if (sought > found) {
    context.log.warn(
      'HubSpot has no record of their own with the new match value of known rows: they keep the one they have',
      { sync: sync.name, rows: sought - found },
    )
  }
}

/** @throws UserError when rows are unknown: what is kept to settle them goes by the old key and match property */
export async function refuseUnknown(
  ledger: Ledger,
  sync: Sync,
  key: 'primary_key' | 'match',
): Promise<void> {
  const unknown = await countUnknown(ledger, sync.name)
  if (unknown === 0) return
  throw new UserError({
    message: `${unknown} rows of this sync are unknown: they have to be settled before its ${key === 'match' ? 'match property changes' : 'keys change'}`,
    hint: `Write the old ${key}, run, and settle what stays unknown with \`backhaul resolve\`.`,
    sync: sync.name,
    key,
    where: sync.keyOrigins[key],
  })
}

/** What was pinned of a sync, by whatever name it had then. */
export function ownOf(
  sync: Sync,
  pinned: readonly Identity[],
  verdict: IdentityVerdict,
): Identity | undefined {
  const name = verdict.kind === 'renamed' ? verdict.from : sync.name
  return pinned.find(({ syncName }) => syncName === name)
}

/** What is known of a sync from its earlier runs. */
export function historyOf(
  sync: Sync,
  pinned: readonly Identity[],
  verdict: IdentityVerdict,
): Pick<PreparedSync, 'isFirstRun' | 'firstRunId'> {
  const own = ownOf(sync, pinned, verdict)
  return {
    isFirstRun: verdict.kind === 'first',
    ...(own === undefined ? {} : { firstRunId: own.firstRunId }),
  }
}

/**
 * Starts a run: from here on its rows leave. What the sync is is pinned with it, not before: a plan that was never carried
 * out binds nobody, and a pinned first run has its rows recorded, whatever ends it.
 */
export async function beginRun(
  context: RunContext,
  prepared: PreparedSync,
  facts: Readonly<Record<string, Value>>,
): Promise<void> {
  const { sync, schema, bound, runId, list } = prepared
  await context.ledger.warehouse.transaction([
    pinStatement(context.ledger, {
      syncName: sync.name,
      syncType: sync.type,
      portalId: context.account.portalId,
      objectType: schema.objectTypeId,
      primaryKey: bound.keyColumns.map((column) => column.name),
      matchProperty: bound.match?.property ?? null,
      modelId: sync.model.uniqueId,
      firstRunId: runId,
      ...(list?.listId === undefined ? {} : { listId: list.listId }),
      ...(list?.isMadeHere === true ? { isListMadeHere: true } : {}),
    }),
    runStatement(context.ledger, runId, { ...facts, status: 'running' }),
  ])
}

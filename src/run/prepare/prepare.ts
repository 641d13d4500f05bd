import { formatProblem, UserError } from '../../errors.ts'
import { readIdentities, renameSync } from '../../record/identity.ts'
import { startRun } from '../../record/runs.ts'
import { ensureSyncTables } from '../../record/schema/ensure-tables.ts'
import type { ObjectSchema, Sync } from '../../types.ts'
import { asRun, type PreparedSync, type RunContext } from '../context.ts'
import { findTargetList } from '../members/list.ts'
import { recoverSync } from '../recover.ts'
import { refuseUnknown, rekeySync, rematchSync } from './changed-identity.ts'
import { checkSync } from './check-sync.ts'
import { checkIdentity } from './identity-check.ts'
import { renameEntries } from './renamed-entries.ts'
import { historyOf, ownOf } from './sync-history.ts'

/** Checks a sync, finishes what its last run left behind, and enters this run. Called under the lease. */
export function prepareSync(
  context: RunContext,
  sync: Sync,
  schema: ObjectSchema,
  definedNames: ReadonlySet<string>,
): Promise<PreparedSync> {
  const runId = context.newId()
  return asRun(context, { sync, runId }, () =>
    context.follow.step('prepare', () =>
      prepareRun(context, { sync, runId, schema }, definedNames),
    ),
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
    say: context.say,
  })
  // Advice is for who sets a sync up: the first run says it once.
  const list =
    sync.list === undefined || verdict.kind === 'refused'
      ? undefined
      : await findTargetList(context, sync, sync.list, schema, ownOf(sync, pinned, verdict), pinned)
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
    isLimited:
      context.options.limit !== undefined ||
      context.options.onlyRows !== undefined ||
      context.options.isAdopting === true,
  })
  context.passing('run-entered')
  await renameEntries(ledger, { sync, bound })
  const changed = { sync, schema, bound, runId }
  if (verdict.kind === 'rekeyed') await rekeySync(context, changed)
  if (verdict.kind === 'rematched') await rematchSync(context, changed)
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

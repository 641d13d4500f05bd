import { Interrupted } from '../../errors.ts'
import { planOf, resolutionsOf } from '../../record/ledger.ts'
import type { Sync } from '../../types.ts'
import { asRun, type PreparedSync, type RunContext } from '../context.ts'
import { discardRun } from '../discard-run.ts'
import type { Leases } from '../leases.ts'
import { type Underway, underway } from '../phases.ts'
import { Promised } from '../prepare/create-properties.ts'
import { prepareSync } from '../prepare/prepare.ts'
import { schemaReader } from '../prepare/schema-reader.ts'
import { blameWhere } from '../prepare/where-check.ts'
import { endsInvocation, failure } from '../reports.ts'
import type { RunReports } from '../run-reports.ts'
import { tidily } from '../tidily.ts'
import { planSync } from './plan-sync.ts'

/** Takes the lease of each sync and enters the run for it; what fails is reported, and holds no other one. */
export async function prepareAll(
  context: RunContext,
  syncs: readonly Sync[],
  definedNames: ReadonlySet<string>,
  { leases, reports }: { readonly leases: Leases; readonly reports: RunReports },
): Promise<readonly PreparedSync[]> {
  const readSchema = schemaReader(context, syncs)
  const promised = new Promised()
  const prepared: PreparedSync[] = []
  for (const sync of syncs) {
    const startedMs = context.clock()
    try {
      if (context.drain.aborted) throw new Interrupted()
      const schema = await readSchema(sync)
      await leases.take(sync.name)
      const one = await prepareSync(context, sync, schema, definedNames)
      prepared.push({
        ...one,
        schema: promised.schemaFor(schema),
        missing: promised.claim(schema, one.lacking),
      })
    } catch (error) {
      reports.add(failure(context, sync, error, context.clock() - startedMs))
      if (endsInvocation(error)) break
    }
  }
  return prepared
}

/** Plans all syncs before anything is sent; what fails is reported, and holds no other one. */
export async function planAll(
  context: RunContext,
  prepared: readonly PreparedSync[],
  reports: RunReports,
): Promise<readonly Underway[]> {
  const { ledger } = context
  const planned: Underway[] = []
  const failed: { one: PreparedSync; error: unknown }[] = []
  let peers = prepared
  for (const one of prepared) {
    try {
      planned.push(
        await asRun(context, one, () =>
          context.follow.step('plan', () => planOne(context, one, peers)),
        ),
      )
      const done = { ...one, planned: planOf(ledger, one.sync.name) }
      peers = peers.map((peer) => (peer === one ? done : peer))
    } catch (error) {
      failed.push({ one, error })
    }
  }
  context.passing('plan-written')
  for (const { one, error } of failed) {
    const ended = failure(context, one.sync, error, 0)
    await tidily(context, `Could not enter that sync ${one.sync.name} failed`, () =>
      asRun(context, one, () => discardRun(ledger, one, ended.status, ended.error)),
    )
    reports.add({ ...ended, runId: one.runId })
  }
  return planned
}

async function planOne(
  context: RunContext,
  prepared: PreparedSync,
  peers: readonly PreparedSync[],
): Promise<Underway> {
  if (context.drain.aborted) throw new Interrupted()
  const { warehouse } = context.ledger
  try {
    const plan = await planSync(
      context,
      prepared,
      {
        plan: planOf(context.ledger, prepared.sync.name),
        rendered: resolutionsOf(context.ledger, prepared.sync.name),
      },
      peers,
    )
    return underway(prepared, plan)
  } catch (error) {
    throw context.drain.aborted ? error : await blameWhere(warehouse, prepared.sync, error)
  }
}

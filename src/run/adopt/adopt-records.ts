import { type AdoptedRow, adoptRows } from '../../record/adopt-rows.ts'
import { completePlan } from '../../record/complete-plan.ts'
import { isUnresolved, type PlannedOperation } from '../../record/plan-rows.ts'
import { adoptValues, type ComparedProperty } from '../../resolve/adopt-values.ts'
import { readHeld } from '../../resolve/held-records.ts'
import { findMatches, type MatchTarget } from '../../resolve/matches.ts'
import { raw } from '../../warehouse/sql.ts'
import { findOnce, matchTarget, retriedFind, searchTarget } from '../asking.ts'
import { byBatches } from '../by-batches.ts'
import { comparedProperties } from '../compared-properties.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { flushRequests } from '../flush-requests.ts'
import { resolveBySearch, unresolved } from '../sending/resolve-plan.ts'
import { interrupted, type Stop, stopOf } from '../sending/stop.ts'

/** Looks for the records of all rows of the plan, as far as HubSpot can be asked. @returns why not all were looked for */
export async function findRecords(context: RunContext, prepared: PreparedSync): Promise<Stop> {
  const target = matchTarget(context, prepared)
  const searched = searchTarget(context, prepared)
  try {
    if (target !== undefined) await adoptByLookup(context, prepared, target)
    else {
      if (searched !== undefined) await resolveBySearch(context, prepared, searched)
      await adoptById(context, prepared)
    }
    return context.drain.aborted ? interrupted : undefined
  } catch (error) {
    return stopOf(error, context.drain.aborted)
  }
}

async function adoptByLookup(
  context: RunContext,
  prepared: PreparedSync,
  target: MatchTarget,
): Promise<void> {
  const { sync, runId } = prepared
  const properties = comparedProperties(prepared)
  const names = properties.map(({ name }) => name)
  let looked = 0
  for await (const rows of unresolved(context, prepared, isUnresolved(true), false)) {
    const answers = await byBatches(context, rows, (some) =>
      findMatches(some, target, names, retriedFind(context)),
    )
    const askedAt = new Date(context.clock()).toISOString()
    const found = answers.flat().map((match) => match.found)
    await completePlan(
      context.ledger,
      sync.name,
      runId,
      rows.map(({ sequence }, index) => {
        const recordId = found[index]?.recordId
        return { sequence, recordIds: recordId === undefined ? [] : [recordId], askedAt }
      }),
    )
    const adopted = rows.flatMap((row, index): readonly AdoptedRow[] => {
      const record = found[index]
      return record === undefined ? [] : [adoptedRow(row, record, properties)]
    })
    await adoptRows(context.ledger, sync.name, runId, adopted)
    await flushRequests(context, runId)
    looked += rows.length
    context.progress.sent(sync.name, looked, 0)
  }
}

/** Reads records that the model names, or a search has found. One that was merged away meanwhile is left to the next run. */
async function adoptById(context: RunContext, prepared: PreparedSync): Promise<void> {
  const { sync, runId, schema } = prepared
  const properties = comparedProperties(prepared)
  const names = properties.map(({ name }) => name)
  const target = { objectType: schema.name, batchSize: context.destination.maxBatchSize }
  const condition = raw("record_id is not null and operation = 'update'")
  let looked = 0
  for await (const rows of unresolved(context, prepared, condition, false)) {
    const answers = await byBatches(context, rows, (some) =>
      readHeld(some, target, names, findOnce(context)),
    )
    const held = new Map(answers.flatMap((answer) => [...answer]))
    const adopted = rows.flatMap((row): readonly AdoptedRow[] => {
      const record = held.get(row.sequence)
      return record?.recordId === row.recordId && record !== undefined
        ? [adoptedRow(row, record, properties)]
        : []
    })
    await adoptRows(context.ledger, sync.name, runId, adopted)
    await flushRequests(context, runId)
    looked += rows.length
    context.progress.sent(sync.name, looked, 0)
  }
}

const adoptedRow = (
  { sequence, newValues }: PlannedOperation,
  record: {
    readonly recordId: string
    readonly properties: Readonly<Record<string, string | null>>
  },
  properties: readonly ComparedProperty[],
): AdoptedRow => ({
  sequence,
  recordId: record.recordId,
  ...adoptValues(newValues, record.properties, properties),
})

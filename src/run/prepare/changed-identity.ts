import { UserError } from '../../errors.ts'
import { lostKeyMark } from '../../plan/diff/departed.ts'
import { modelMatches } from '../../plan/diff/model-keys.ts'
import { type Ledger, planOf, resolutionsOf, stateOf } from '../../record/ledger.ts'
import { countUnknown, rekey } from '../../record/rekey.ts'
import { recordRematch } from '../../record/rematch.ts'
import type { Sync } from '../../types.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { findKnown } from './rematch.ts'

/** A sync that goes by another primary key, or another match property, than its state does. */
type Changed = Pick<PreparedSync, 'sync' | 'schema' | 'bound' | 'runId'>

/** Known rows go by the new primary key from here on. */
export async function rekeySync(
  context: RunContext,
  { sync, bound, runId }: Changed,
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
      { sync: sync.name, rows: lost },
    )
  }
}

/** Known rows are looked up by the new match property. */
export async function rematchSync(context: RunContext, changed: Changed): Promise<void> {
  const { ledger } = context
  const { sync, runId } = changed
  const tables = {
    runId,
    state: stateOf(ledger, sync.name),
    plan: planOf(ledger, sync.name),
    resolutions: resolutionsOf(ledger, sync.name),
  }
  const { sought, found, moved } = await findKnown(context, changed, tables)
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

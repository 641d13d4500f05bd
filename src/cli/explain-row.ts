import type { OneRow } from '../plan/one-row.ts'
import type { PlannedChange } from '../plan/planned-changes.ts'
import type { StateRow } from '../record/row-history.ts'
import type { RecordedRun } from '../record/status.ts'
import type { Mode, Sync } from '../types.ts'
import { describeReason } from './reasons.ts'
import { keyWord, shellWord } from './shell-word.ts'

/** What is known of one row. */
export interface RowFacts {
  readonly rowId: string
  readonly sync: Pick<Sync, 'name' | 'type' | 'model' | 'mode' | 'onDelete' | 'enabled' | 'match'>
  /** Undefined: could not be computed. */
  readonly model: OneRow | undefined
  readonly state: StateRow | undefined
  readonly lastRun: RecordedRun | undefined
}

/** Is the row in HubSpot, and why (not): one sentence. */
export function whyText({ sync, state, model }: RowFacts): string {
  if (sync.type === 'event' && state !== undefined) return eventText(state)
  if (sync.type === 'list' && state !== undefined) return memberText(sync.mode, state)
  if (state === undefined) {
    if (model?.copies === 0) return `Neither the model nor the state of ${sync.name} has this row.`
    const reason = model?.planned?.operation === 'reject' ? rejection(model) : undefined
    return `Not in HubSpot by this sync: ${reason ?? 'it has not met the row yet'}.`
  }
  const { recordId, status, errorCategory, lastSyncedAt } = state
  const reason = errorCategory === null ? status : describeReason(errorCategory).meaning
  const sent = lastSyncedAt === null ? '' : `, last sent ${lastSyncedAt}`
  if (status === 'unknown') return `Nobody knows whether HubSpot has it: ${reason}.`
  if (status === 'left') {
    return recordId === null
      ? 'It has left the model, and no record belongs to it.'
      : `It has left the model; its record ${recordId} stays in HubSpot${sent}${errorCategory === null ? '' : ` (${reason})`}.`
  }
  if (recordId === null) return `Not in HubSpot (${status}): ${reason}.`
  if (status === 'succeeded') {
    const repeated = model !== undefined && model.copies > 1 ? `; but now ${rejection(model)}` : ''
    return `In HubSpot as record ${recordId}${sent}${repeated}.`
  }
  return `In HubSpot as record ${recordId}${sent}, but not as the model has it now (${status}): ${reason}.`
}

/** An event is there once it was sent, whatever becomes of its row. */
function eventText({ status, errorCategory, recordId, firstSyncedAt }: StateRow): string {
  if (firstSyncedAt !== null) {
    const about = recordId === null ? '' : ` about record ${recordId}`
    return `Sent as an event${about} on ${firstSyncedAt}; an event goes once.`
  }
  const reason = errorCategory === null ? status : describeReason(errorCategory).meaning
  return status === 'left'
    ? 'It has left the model, and was never sent.'
    : `Not sent (${status}): ${reason}.`
}

/** Whether the record of a row is on the list. */
function memberText(mode: Mode, { status, errorCategory, recordId }: StateRow): string {
  const reason = errorCategory === null ? status : describeReason(errorCategory).meaning
  const isOn = mode !== 'remove'
  if (status === 'left') {
    return recordId === null || !isOn
      ? 'It has left the model, and its record is not on the list by this sync.'
      : `It has left the model; record ${recordId} stays on the list${errorCategory === null ? '' : ` (${reason})`}.`
  }
  if (recordId === null) return `Not ${isOn ? 'on' : 'taken off'} the list (${status}): ${reason}.`
  const where = isOn
    ? `On the list as record ${recordId}`
    : `Record ${recordId} was taken off the list`
  return status === 'succeeded'
    ? `${where}.`
    : `${where}, but not as the model has it now (${status}): ${reason}.`
}

/** Why a row of the model is not sent at all. */
function rejection({ copies, planned }: OneRow): string {
  if (copies > 1) return `${copies} rows of the model have this primary key`
  const other = planned?.reason === 'duplicate_match_value' ? ` (row ${planned.detail})` : ''
  return `${describeReason(planned?.reason ?? 'rejected').meaning}${other}`
}

/** What the next run does, or what has to be done before it: one sentence. */
export function nextText(facts: RowFacts): string {
  const { sync, model, state, rowId } = facts
  const run = `backhaul run --select ${sync.name}`
  if (!sync.enabled) {
    return `Nothing: the sync is not enabled for this target (\`enabled\`, or \`syncs\` in backhaul.yml).`
  }
  if (state?.status === 'unknown') {
    return `The next run looks it up, where it can. To decide it by hand: backhaul resolve ${sync.name} ${keyWord(rowId)}`
  }
  if (model === undefined) return 'Not computed: see above.'
  if (model.copies === 0) return absentText(facts, model)
  const { planned } = model
  if (planned === null || planned.operation === 'refresh') {
    if (state?.status === 'parked') {
      const { advice } = describeReason(state.errorCategory ?? 'parked')
      if (state.nextAttemptAt !== null) {
        return `Nothing, until the row changes. ${advice} It is looked up again from ${state.nextAttemptAt} on.`
      }
      return `Nothing, until the row changes: HubSpot refused it ${state.attempts} times. ${advice} Then: backhaul retry ${sync.name} --row ${shellWord(rowId)}`
    }
    if (state?.status === 'skipped') {
      const { advice } = describeReason(state.errorCategory ?? 'skipped')
      const again =
        state.nextAttemptAt === null ? '' : ` It is looked up again from ${state.nextAttemptAt} on.`
      return `${advice.startsWith('Nothing') ? advice : `Nothing: ${advice}`}${again}`
    }
    return sync.type === 'event'
      ? 'Nothing: an event goes once.'
      : sync.type === 'list'
        ? 'Nothing: the list is as the row asks for.'
        : 'Nothing to send: HubSpot was last sent what the model says.'
  }
  if (planned.operation === 'reject') {
    const { advice } = describeReason(planned.reason ?? 'rejected')
    return `It is rejected before anything is sent: ${rejection(model)}. ${advice}`
  }
  if (planned.operation === 'skip') {
    return `Nothing: ${describeReason(planned.reason ?? 'skipped').meaning}.`
  }
  const refused = state?.status === 'rejected' ? state.errorCategory : null
  const first = refused === null ? '' : `${describeReason(refused).advice} Then `
  return first + sendingText(facts, planned, run)
}

/** What the next run sends of a row. */
function sendingText({ sync }: RowFacts, planned: PlannedChange, run: string): string {
  const names = Object.keys(planned.new)
  const what = names.length === 0 ? '' : `: ${names.join(', ')}`
  switch (planned.operation) {
    case 'create':
      return `${run} makes a record of it, unless HubSpot has one with its match value${what}`
    case 'upsert':
      return `${run} sends it, and HubSpot finds its record by ${sync.match?.property ?? 'match'} or makes one${what}`
    case 'update':
      return planned.recordId === null
        ? `${run} looks its record up, and changes it if there is one${what}`
        : `${run} changes record ${planned.recordId}${what}`
    case 'send':
      return `${run} sends it${what}`
    case 'add':
      return `${run} finds its record, and adds it to the list`
    case 'remove':
      return `${run} finds its record, and takes it off the list`
    default:
      return `${run}: ${planned.operation}`
  }
}

function absentText({ sync, state, rowId }: RowFacts, model: OneRow): string {
  if (model.isLeftOut) {
    return `Nothing: the table ${sync.model.name} has the row, and \`where\` (or the snapshot's history) leaves it out.`
  }
  if (state === undefined) {
    return `Check the key: ${sync.model.name} has no row ${rowId}. A key is written as the column has it; several columns as a JSON list.`
  }
  if (state.status === 'left') return 'Nothing, until the row is back in the model.'
  if (sync.type === 'list') {
    return sync.mode === 'mirror'
      ? 'It is gone from the model: the next run takes its record off the list, if this sync added it and no other row is the same record.'
      : `It is gone from the model: the next run notes that, and leaves the list alone (mode ${sync.mode}).`
  }
  const fate = {
    nothing: 'notes that it is gone, and leaves HubSpot alone (`on_delete: nothing`)',
    clear: 'empties what this sync sent (`on_delete: clear`)',
    delete: 'archives the record if this sync made it (`on_delete: delete`)',
  }[sync.onDelete]
  return `It is gone from the model: the next run ${fate}.`
}

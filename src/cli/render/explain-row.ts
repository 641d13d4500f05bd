import { auditedTarget } from '../../plan/audited.ts'
import type { OneRow } from '../../plan/one-row.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { LinkRow, StateRow } from '../../record/row-history.ts'
import type { RecordedRun } from '../../record/status.ts'
import type { AuditValues, Mode, Say, Sync } from '../../types.ts'
import { describeReason } from './reasons.ts'
import { hiddenTarget, isAwaited } from './render-change.ts'
import { keyWord, shellWord } from './shell-word.ts'
import { countOf } from './words.ts'

/** What is known of one row. */
export interface RowFacts {
  readonly rowId: string
  readonly sync: Pick<Sync, 'name' | 'type' | 'model' | 'mode' | 'onDelete' | 'enabled' | 'match'>
  /** Undefined: could not be computed. */
  readonly model: OneRow | undefined
  readonly state: StateRow | undefined
  readonly lastRun: RecordedRun | undefined
  readonly links: RowLinks
  /** What HubSpot holds in place of what was sent was accepted, and nothing was sent since. */
  readonly isAccepted: boolean
  readonly auditValues: AuditValues
  /** Writes the commands to type next. */
  readonly say: Say
}

/** Links of a row: what the next run does about them, and how those stand that the sync asks for. */
export interface RowLinks {
  readonly planned: readonly PlannedChange[]
  readonly known: readonly LinkRow[]
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

const nothingToSend = 'Nothing to send: HubSpot was last sent what the model says.'

/** What the next run does, or what has to be done before it: a sentence of the row, and further ones of its links. */
export function nextText(facts: RowFacts): string {
  const ofRow = rowText(facts)
  if (!facts.sync.enabled) return ofRow
  const done = linksDone(facts)
  const waits = linksWaiting(facts)
  const first =
    done.length === 0
      ? ofRow
      : ofRow === nothingToSend
        ? `${facts.say(`run --select ${facts.sync.name}`)} ${done.join(', and ')}`
        : `${ofRow.replace(/[.]$/, '')}; and ${done.join(', and ')}`
  return waits.length === 0 ? first : `${first.replace(/[.]$/, '')}. ${waits.join(' ')}`
}

/** Links told one by one. */
const toldLinks = 3

const targetText = (association: string, target: string, auditValues: AuditValues): string =>
  `${association} ${auditedTarget(association, target, auditValues) ?? hiddenTarget}`

const targetOf = ({ link }: PlannedChange, auditValues: AuditValues): string =>
  targetText(link?.association ?? '', link?.target ?? '', auditValues)

/** Made, or expected to be: a link whose target was refused so far has a reason. */
function linksDone({ links: { planned }, auditValues }: RowFacts): readonly string[] {
  const said = (operation: PlannedChange['operation'], verb: string) => {
    const those = planned.filter((one) => one.operation === operation && one.reason === null)
    if (those.length === 0) return []
    const shown = those
      .slice(0, toldLinks)
      .map((one) => targetOf(one, auditValues))
      .join(', ')
    const more = those.length - toldLinks
    return [`${verb} ${shown}${more > 0 ? ` and ${more} more` : ''}`]
  }
  return [...said('associate', 'links it to'), ...said('dissociate', 'takes off its link to')]
}

function linksWaiting({ links: { planned, known }, auditValues }: RowFacts): readonly string[] {
  const open = known.filter(
    ({ association, targetKey, status }) =>
      ['pending', 'rejected', 'parked'].includes(status) &&
      !planned.some(({ link }) => link?.association === association && link.target === targetKey),
  )
  const texts = [
    ...planned
      .filter(({ reason }) => reason !== null)
      .map(
        (one) =>
          `A link to ${targetOf(one, auditValues)} ${waitingText('pending', one.reason, null)}`,
      ),
    ...open.map(
      ({ association, targetKey, status, errorCategory, nextAttemptAt }) =>
        `A link to ${targetText(association, targetKey, auditValues)} ${waitingText(status, errorCategory, nextAttemptAt)}`,
    ),
  ]
  const more = texts.length - toldLinks
  return [...texts.slice(0, toldLinks), ...(more > 0 ? [`${more} more links wait.`] : [])]
}

function waitingText(status: string, category: string | null, nextAttemptAt: string | null) {
  const { meaning, advice } = describeReason(category ?? status)
  const again = nextAttemptAt === null ? advice : `Tried again from ${nextAttemptAt} on.`
  return `${status === 'pending' ? 'waits' : `is ${status}`}: ${meaning}. ${again}`
}

/** What the next run does about a row, or what has to be done before it. */
function rowText(facts: RowFacts): string {
  const { sync, model, state, rowId, say } = facts
  const run = say(`run --select ${sync.name}`)
  if (!sync.enabled) {
    return `Nothing: the sync is not enabled for this target (\`enabled\`, or \`syncs\` in backhaul.yml).`
  }
  if (state?.status === 'unknown') {
    return `The next run looks it up, where it can. To decide it by hand: ${say(`resolve ${sync.name} ${keyWord(rowId)}`)}`
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
      return `Nothing, until the row changes: it was refused ${countOf(state.attempts, 'time')}. ${advice} Then: ${say(`retry ${sync.name} --row ${shellWord(rowId)}`)}`
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
        : facts.isAccepted
          ? 'Nothing, until the row changes: what HubSpot holds was accepted (`backhaul drift --accept`).'
          : nothingToSend
  }
  if (planned.operation === 'reject') {
    const { advice } = describeReason(planned.reason ?? 'rejected', onlyName(planned.detail))
    return `It is rejected before anything is sent: ${rejection(model)}. ${advice}`
  }
  if (planned.operation === 'skip') {
    return `Nothing: ${describeReason(planned.reason ?? 'skipped').meaning}.`
  }
  if (isAwaited(planned)) {
    const { meaning, advice } = describeReason(planned.reason ?? '')
    return `It waits: ${meaning}. ${advice}`
  }
  const refused = state?.status === 'rejected' ? state.errorCategory : null
  const first = refused === null ? '' : `${describeReason(refused).advice} Then `
  return first + sendingText(facts, planned, run)
}

/** The only one of the properties that a rejection names; null for several, and for none. */
function onlyName(detail: string | null): string | null {
  if (detail?.startsWith('[') !== true) return null
  const names = JSON.parse(detail) as readonly string[]
  return names.length === 1 ? (names[0] ?? null) : null
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

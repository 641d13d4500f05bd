import { printable } from '../../errors.ts'
import { eventParts, waitReasons } from '../../plan/diff-spec.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { Paint } from './paint.ts'
import { signOf, signs } from './plan-signs.ts'
import { describeReason } from './reasons.ts'
import { leftToRight, valuesText } from './value-text.ts'

/** A run tries to send the row, and nobody counts on it. */
export const isAwaited = ({ operation, reason }: Pick<PlannedChange, 'operation' | 'reason'>) =>
  ['send', 'add', 'remove'].includes(operation) && isWaitReason(reason)

/** The row waits for something that is not there yet. */
export const isWaitReason = (reason: string | null): boolean =>
  waitReasons.some((known) => known === reason)

/** Names that are longer do not move the values of all others. */
const longestName = 32

const indent = 8

/**
 * One change: the row on the first line, below it a property with old and new value on each further one.
 *
 * @param width of the terminal, where there is one
 */
export function renderChange(change: PlannedChange, paint: Paint, width?: number): string {
  if (change.link !== undefined) return renderLink(change, change.link, paint)
  const key = printable(change.rowId ?? '(no key)')
  if (isAwaited(change)) {
    const { meaning } = describeReason(change.reason ?? '')
    const row = change.detail === null ? '' : ` (row ${printable(change.detail)})`
    return paint.yellow(`    ${signs.wait} ${key}: ${meaning}${row}`)
  }
  const record = change.recordId === null ? '' : ` (record ${change.recordId})`
  const why =
    change.reason === null
      ? ''
      : isUntouched(change)
        ? `: ${describeReason(change.reason).meaning}${change.detail === null ? '' : ` (${change.detail})`}`
        : `: ${change.message ?? `${change.reason}${renderDetail(change.reason, change.detail)}`}`
  const head = `    ${signOf(change.operation, paint)} ${key}${record}${printable(why)}`
  const painted = change.operation === 'reject' ? paint.yellow(head) : head
  if (change.operation === 'reject' || isUntouched(change)) return painted
  const dropped = change.dropped.map((name) =>
    paint.yellow(`${' '.repeat(indent)}${name}: (bad value, dropped)`),
  )
  return [
    `${painted}${renderHidden(change)}${renderParts(change)}`,
    ...renderProperties(change, paint, width),
    ...dropped,
  ].join('\n')
}

/** HubSpot keeps what it has: the reason is all that there is to tell. */
const isUntouched = ({ operation, reason }: PlannedChange): boolean =>
  operation === 'leave' || (operation === 'skip' && reason !== null)

/** The properties with their values under each other. */
function renderProperties(
  change: PlannedChange,
  paint: Paint,
  width: number | undefined,
): readonly string[] {
  const values = Object.entries(change.new).filter(([name]) => !isPart(name))
  const lengths = values.map(([name]) => name.length).filter((length) => length <= longestName)
  const longest = Math.max(0, ...lengths)
  return values.map(([name, value]) => {
    const label = `${name}: `.padEnd(longest + 2)
    const place = { indent: indent + label.length, ...(width === undefined ? {} : { width }) }
    return `${' '.repeat(indent)}${label}${valuesText(change.old[name], value, paint, place)}`
  })
}

/** What stands beside the properties of an event or a member begins with a line; HubSpot's own names begin with a letter. */
const isPart = (name: string): boolean => name.startsWith('_')

/** `: pe4242424_job_scheduled at 2026-11-19T10:05:00.000Z`, of an event; the list of a member stands above. */
function renderParts({ new: values }: PlannedChange): string {
  const { [eventParts.name]: event, [eventParts.occurredAt]: moment } = values
  if (event === undefined) return ''
  return `: ${printable(event)}${moment === undefined ? '' : ` at ${printable(moment)}`}`
}

/** `: email, firstname`, where no values may be shown. */
function renderHidden({ hidden = [] }: PlannedChange): string {
  const names = hidden.filter((name) => !isPart(name))
  return names.length === 0 ? '' : `: ${names.join(', ')}`
}

/** Stands for what a linked record is looked up by, where `audit.values` lets nobody see it. */
export const hiddenTarget = '(hidden)'

/** `↔ 17 (record 5) → companies/sync:account_id 3 (record 9): Buyer`. */
function renderLink(
  { operation: planned, rowId, recordId, message, reason }: PlannedChange,
  { association, target, targetRecordId, labels, oldLabels }: NonNullable<PlannedChange['link']>,
  paint: Paint,
): string {
  const record = (id: string | null) => (id === null ? '' : ` (record ${id})`)
  const words = (some: readonly string[]) =>
    some.length === 0 ? 'unlabelled' : leftToRight(printable(some.join(', ')))
  const operation = planned === 'associate' && reason !== null ? 'wait' : planned
  const isRelabelled = operation === 'associate' && oldLabels.length > 0
  const what =
    operation === 'wait'
      ? printable(message ?? 'no record yet')
      : `${isRelabelled ? `${paint.dim(words(oldLabels))} → ` : ''}${words(labels)}`
  const head = `    ${signOf(operation, paint)} ${printable(rowId ?? '')}${record(recordId)} → ${association} ${printable(target ?? hiddenTarget)}${record(targetRecordId)}: ${what}`
  return operation === 'wait' ? paint.yellow(head) : head
}

function renderDetail(reason: string, detail: string | null): string {
  if (detail === null) return ''
  const isList = reason === 'missing_required'
  return isList ? ` (${JSON.parse(detail).join(', ')})` : ` (also row ${detail})`
}

import type { AskedRow } from '../plan/asked-rows.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlannedChange } from '../plan/planned-changes.ts'
import type { PropertyDefinition, Sync } from '../types.ts'
import type { Paint } from './paint.ts'
import { describeReason } from './reasons.ts'
import { bytesOf, countOf, durationOf, numberOf } from './words.ts'

const signs = {
  create: '+',
  upsert: '±',
  update: '~',
  send: '→',
  add: '+',
  remove: '-',
  clear: '-',
  archive: '-',
  leave: '·',
  skip: '·',
  reject: '!',
  refresh: '·',
} as const

const meanings = {
  '+': 'create, or add to the list',
  '±': 'create or update',
  '~': 'update',
  '→': 'send',
  '-': 'clear, archive, or take off the list',
  '·': 'nothing is done',
  '!': 'rejected',
} as const

const membersMeanings: Partial<Record<keyof typeof signs, string>> = {
  add: 'add to the list',
  remove: 'take off the list',
}

/** What the signs of the operations shown mean: one line, or none when nothing was shown. */
export function renderLegend(
  operations: ReadonlySet<PlannedChange['operation']>,
  paint: Paint,
): string {
  const used = [...operations].map((operation) => ({
    sign: signs[operation],
    meaning: membersMeanings[operation] ?? meanings[signs[operation]],
  }))
  const words = Object.keys(meanings).flatMap((sign) => [
    ...new Set(
      used.filter((each) => each.sign === sign).map(({ meaning }) => `${sign} ${meaning}`),
    ),
  ])
  return words.length === 0 ? '' : `${paint.dim(words.join('   '))}\n`
}

const rows = (count: number): string => countOf(count, 'row')

/** The words for how many rows do what, without those that do nothing. */
export function summarise(plan: Plan): readonly string[] {
  const { operations } = plan
  const parts: readonly (readonly [number, string])[] = [
    [operations.create, 'create'],
    [operations.upsert, 'create or update'],
    [operations.update, 'update'],
    [operations.send, 'send'],
    [operations.clear, 'clear'],
    [operations.archive, 'archive'],
    [operations.leave, 'left the model'],
    [operations.skip, 'known without being sent'],
    [plan.rows.returned, 'back again'],
    [operations.reject, 'rejected'],
    [plan.rows.parked, 'parked'],
    [plan.rows.unknown, 'unknown'],
  ]
  const { inModel } = plan.rows
  const unchanged =
    plan.asked === undefined ? plan.rows.unchanged : plan.asked.filter(isUnchanged).length
  const said = [
    ...membersText(plan),
    ...parts.filter(([count]) => count > 0).map(([count, word]) => `${numberOf(count)} ${word}`),
  ]
  if (said.length === 0 && inModel === 0) return ['no rows']
  // Of rows that nobody looked at nothing is known, and of those asked for each line says it.
  if (said.length === 0 && unchanged === 0 && plan.asked !== undefined) return ['nothing to send']
  return unchanged > 0 || said.length === 0 ? [...said, `${numberOf(unchanged)} unchanged`] : said
}

/** `add 12 members to VIP customers (list 7)` */
function membersText({ operations: { add, remove }, list }: Plan): readonly string[] {
  if (list === undefined) return []
  const name = `${list.name} (${list.id === null ? 'a new list' : `list ${list.id}`})`
  return [
    ...(add > 0 ? [`add ${countOf(add, 'member')} to ${name}`] : []),
    ...(remove > 0 ? [`remove ${countOf(remove, 'member')} from ${add > 0 ? 'it' : name}`] : []),
  ]
}

function callsOf({ calls, mode, matchedBy, operations, backwards }: Plan): string {
  const writes = countOf(calls.writes, 'write call')
  const lookups = [
    ...(calls.lookups > 0 ? [countOf(calls.lookups, 'look-up call')] : []),
    ...(calls.searches > 0 ? [countOf(calls.searches, 'search', 'searches')] : []),
  ]
  if (lookups.length === 0) return writes
  if (matchedBy !== 'search' || mode !== 'upsert' || (backwards?.unknownRows ?? 0) > 0)
    return `${writes} at most, ${lookups.join(' and ')} before`
  const isOpen = operations.upsert > 1 || operations.update > 0
  return `${writes}${isOpen ? ' (one more when only some records are there)' : ''}, ${lookups.join(' and ')} before`
}

/** What the first run of an insert sends, and how it would send less. */
function renderStartOf(plan: Plan): readonly string[] {
  const { start, operations, isFirstRun } = plan
  if (start === 'now' && isFirstRun)
    return [`  \`start: now\`: ${rows(operations.skip)} of today are taken as known and never sent`]
  const first = operations.create + operations.send
  if (start !== 'all' || !isFirstRun || plan.mode !== 'insert' || first === 0) return []
  return [
    `  first run: ${rows(first)} would go; with \`start: now\` today's rows are taken as known instead`,
  ]
}

/** One plan as text for people. */
export function renderPlan(
  plan: Plan,
  sync: Sync,
  changes: readonly PlannedChange[],
  paint: Paint,
  expectedSeconds = 0,
): string {
  const by = sync.match === undefined ? '' : ` by ${sync.match.property}`
  const lines = [
    paint.bold(
      `${plan.sync}: ${sync.model.name} → ${plan.object} (${plan.type === 'list' ? `list, ${plan.mode}` : (plan.type ?? plan.mode)}${by})`,
    ),
    `  ${rows(plan.rows.inModel)} in the model, ${plan.isFirstRun ? 'first run' : `${numberOf(plan.rows.known)} known`}`,
    `  ${summarise(plan).join(', ')}`,
    `  ${callsOf(plan)}${expectedSeconds > 0 ? `, about ${durationOf(expectedSeconds)}` : ''}`,
    ...(plan.bytesBilled === undefined
      ? []
      : [`  a run bills ${bytesOf(plan.bytesBilled)} in the warehouse`]),
  ]
  lines.push(...renderStartOf(plan))
  if (plan.createsEvent !== undefined) lines.push(`  + event ${plan.createsEvent}, made first`)
  if (plan.list?.id === null) lines.push(`  + list ${plan.list.name}, made first`)
  if (plan.list?.isExact === true) {
    lines.push(
      `  exact: a run reads the members of the list${plan.list.size === null ? '' : ` (${numberOf(plan.list.size)} now)`}, and removes all that are not in the model`,
    )
  }
  for (const definition of plan.creates ?? []) {
    lines.push(`  + property ${describeDefinition(definition)}, made first`)
  }
  for (const { message, hint } of plan.warnings) {
    lines.push(paint.yellow(`  ! ${message}`), ...(hint === undefined ? [] : [`    ${hint}`]))
  }
  for (const line of renderBackwards(plan)) lines.push(paint.yellow(`  ! ${line}`))
  if (plan.isCountOnly) {
    lines.push(
      paint.yellow('  ! Counts only: the warehouse lets this login create no scratch table'),
    )
    if (plan.isUpperBound)
      lines.push(paint.yellow('  ! At most: templates are not rendered for a count'))
  }
  lines.push(...renderAsked(plan).map((line) => `  ${line}`))
  for (const reject of plan.rejects) {
    const reason = describeReason(reject.reason)
    lines.push(paint.yellow(`  ! ${rows(reject.rows)}: ${reason.meaning}`), `    ${reason.advice}`)
  }
  lines.push(...renderRemovals(plan).map((line) => paint.yellow(`  ! ${line}`)))
  if (plan.dropped.length > 0) lines.push(paint.yellow(`  ! ${renderDropped(plan)}`))
  for (const guard of plan.guards) {
    lines.push(
      paint.red(`  Guard ${guard.guard}: ${guard.message}. A run would write nothing.`),
      `    If this is right: backhaul run --select ${plan.sync} --force-guard ${guard.guard}`,
    )
  }
  return [...lines, ...changes.map((change) => renderChange(change, paint))].join('\n')
}

/** What removals mean for the records, and which of them stay. */
function renderRemovals({ operations, removals, list }: Plan): readonly string[] {
  const records = (count: number) => countOf(count, 'record')
  const lines: string[] = []
  if (operations.archive > 0) {
    lines.push(
      `${records(operations.archive)} would be archived: HubSpot can restore them for ${removals.restorableForDays} days; workflows, lists and associations see them go`,
    )
  }
  if (operations.clear > 0) {
    lines.push(
      `${records(operations.clear)} would lose what this sync sent: workflows and lists that look at these properties see it`,
    )
  }
  for (const { reason, rows: count } of removals.kept) {
    lines.push(
      `${rows(count)} left, the ${list === undefined ? 'record' : 'member'} stays: ${describeReason(reason).meaning}`,
    )
  }
  return lines
}

/** What becomes of rows whose lifecycle stage moves backwards, or may. */
function renderBackwards({ backwards }: Pick<Plan, 'backwards'>): readonly string[] {
  if (backwards === undefined) return []
  const { unknownRows, clearingCalls, lookups } = backwards
  const moving = `${rows(backwards.rows)} would move lifecyclestage backwards`
  if (backwards.rows > 0 && clearingCalls === 0)
    return [`${moving}, which HubSpot ignores: \`allow_backwards: true\` clears it first`]
  const calls = countOf(clearingCalls, 'more call')
  return [
    ...(backwards.rows > 0
      ? [`${moving}: it is cleared first${unknownRows > 0 ? '' : `, which takes ${calls}`}`]
      : []),
    ...(unknownRows > 0
      ? [
          `${rows(unknownRows)} would send lifecyclestage to a record whose stage is not known: it is read first (${countOf(lookups, 'look-up call')}), and cleared where it is later; clearing takes ${calls} at most`,
        ]
      : []),
  ]
}

/** `plan_tier (enumeration, select, 3 options)` */
export function describeDefinition(definition: PropertyDefinition): string {
  const { name, type, fieldType, options, hasUniqueValue, externalOptions } = definition
  const facts = [
    type,
    fieldType,
    ...(options === undefined ? [] : [countOf(options.length, 'option')]),
    ...(hasUniqueValue ? ['unique'] : []),
    ...(externalOptions ? ['an owner'] : []),
  ]
  return `${name} (${facts.join(', ')})`
}

/** `3 values dropped: lifecyclestage (2), industry (1)`; empty when there are none. */
export function renderDropped({ dropped }: Pick<Plan, 'dropped'>): string {
  const total = dropped.reduce((sum, { values }) => sum + values, 0)
  const [only] = dropped
  if (only === undefined) return ''
  const names =
    dropped.length === 1
      ? only.property
      : dropped.map(({ property, values }) => `${property} (${values})`).join(', ')
  return `${countOf(total, 'value')} dropped: ${names}`
}

/** What becomes of each row that `--row` asked for. */
export const renderAsked = ({ asked = [] }: Plan): readonly string[] =>
  asked.map((row) =>
    isUnknownRow(row) ? `no row ${row.row} in the model` : `row ${row.row}: ${fateOf(row)}`,
  )

/** Neither the model nor the state has it. */
export const isUnknownRow = (row: AskedRow): boolean => !row.isInModel && row.status === null

const isUnchanged = ({ isInModel, operation, status }: AskedRow): boolean =>
  isInModel && (operation === null || operation === 'refresh') && status === 'succeeded'

function fateOf(row: AskedRow): string {
  const { operation, reason, status, errorCategory, lastSyncedAt, isInModel } = row
  const why = errorCategory === null ? '' : ` (${errorCategory})`
  const sent = lastSyncedAt === null ? '' : `, sent ${lastSyncedAt}`
  if (operation === 'reject') return `rejected (${reason})`
  if (operation === 'upsert') return 'create or update'
  if (operation !== null && operation !== 'refresh') return operation
  if (!isInModel)
    return `${status === 'left' ? 'left the model' : 'not in the model any more'}${sent}`
  if (status === null) return 'left out by --limit'
  return status === 'succeeded' ? `unchanged${sent}` : `${status}${why}${sent}`
}

/** One change: the row on the first line, a property with old and new value on each further one. */
export function renderChange(change: PlannedChange, paint: Paint): string {
  const key = change.rowId ?? '(no key)'
  const record = change.recordId === null ? '' : ` (record ${change.recordId})`
  const why =
    change.reason === null
      ? ''
      : change.operation === 'leave'
        ? `: ${describeReason(change.reason).meaning}${change.detail === null ? '' : ` (${change.detail})`}`
        : `: ${change.message ?? `${change.reason}${renderDetail(change.reason, change.detail)}`}`
  const head = `    ${signs[change.operation]} ${key}${record}${why}`
  const painted = change.operation === 'reject' ? paint.yellow(head) : head
  if (change.operation === 'reject' || change.operation === 'leave') return painted
  const properties = Object.entries(change.new).map(([name, value]) => {
    const old = change.old[name]
    if (old === value && value !== '')
      return `        ${name}: ${JSON.stringify(value)} ${paint.dim('(again)')}`
    const before = old === undefined || old === '' ? '' : `${paint.dim(JSON.stringify(old))} → `
    const after = value === '' ? paint.dim('(cleared)') : JSON.stringify(value)
    return `        ${name}: ${before}${after}`
  })
  const dropped = change.dropped.map((name) =>
    paint.yellow(`        ${name}: (bad value, dropped)`),
  )
  return [painted, ...properties, ...dropped].join('\n')
}

function renderDetail(reason: string, detail: string | null): string {
  if (detail === null) return ''
  const isList = reason === 'missing_required'
  return isList ? ` (${JSON.parse(detail).join(', ')})` : ` (also row ${detail})`
}

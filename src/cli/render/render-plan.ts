import { printable } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { PlannedChange } from '../../plan/planned-changes.ts'
import type { Say, Sync } from '../../types.ts'
import { renderAsked } from './asked-rows.ts'
import type { Paint } from './paint.ts'
import { callsOf } from './plan-calls.ts'
import { describeDefinition, renderDropped, summarise } from './plan-counts.ts'
import { linkLines, type PlanLine } from './plan-links.ts'
import { describeReason } from './reasons.ts'
import { renderChange } from './render-change.ts'
import { wrapped } from './text-width.ts'
import { bytesOf, countOf, durationOf, numberOf } from './words.ts'

const rows = (count: number): string => countOf(count, 'row')

/** What the first run of an insert sends, and how it would send less. */
function startText(plan: Plan): readonly string[] {
  const { start, operations, isFirstRun } = plan
  if (start === 'now' && isFirstRun)
    return [`\`start: now\`: ${rows(operations.skip)} of today are taken as known and never sent`]
  const first = operations.create + operations.send
  if (start !== 'all' || !isFirstRun || plan.mode !== 'insert' || first === 0) return []
  return [
    `first run: ${rows(first)} would go; with \`start: now\` today's rows are taken as known instead`,
  ]
}

export interface PlanText {
  /** Writes commands that change HubSpot for who types them next. */
  readonly say: Say
  /** That a run takes, about. */
  readonly seconds?: number
  /** Of the terminal, where there is one. */
  readonly width?: number | undefined
}

/** One plan as text for people. */
export function renderPlan(
  plan: Plan,
  sync: Sync,
  changes: readonly PlannedChange[],
  paint: Paint,
  { say, seconds = 0, width }: PlanText,
): string {
  const lines = linesOf(plan, sync, seconds, say).map(({ text, colour }) => {
    const whole = wrapped(printable(text), width)
    return colour === undefined ? whole : paint[colour](whole)
  })
  return [...lines, ...changes.map((change) => renderChange(change, paint, width))].join('\n')
}

function linesOf(plan: Plan, sync: Sync, seconds: number, say: Say): readonly PlanLine[] {
  const by = sync.match === undefined ? '' : ` by ${sync.match.property}`
  const kind = plan.type === 'list' ? `list, ${plan.mode}` : (plan.type ?? plan.mode)
  return [
    { text: `${plan.sync}: ${sync.model.name} → ${plan.object} (${kind}${by})`, colour: 'bold' },
    ...[
      `${rows(plan.rows.inModel)} in the model, ${plan.isFirstRun ? 'first run' : `${numberOf(plan.rows.known)} known`}`,
      summarise(plan).join(', '),
      `${callsOf(plan)}${seconds > 0 ? `, about ${durationOf(seconds)}` : ''}`,
      ...(plan.bytesBilled === undefined
        ? []
        : [`a run bills ${bytesOf(plan.bytesBilled)} in the warehouse`]),
      ...startText(plan),
      ...madeFirst(plan),
      ...editsText(plan),
    ].map((text) => ({ text: `  ${text}` })),
    ...plan.warnings.flatMap(({ message, hint }) => warning(message, hint)),
    ...backwardsText(plan).flatMap((line) => warning(line)),
    ...countOnlyText(plan).flatMap((line) => warning(line)),
    ...renderAsked(plan).map((line) => ({ text: `  ${line}` })),
    ...plan.rejects.flatMap(({ reason, rows: count }) => {
      const { meaning, advice } = describeReason(reason)
      return warning(`${rows(count)}: ${meaning}`, advice)
    }),
    ...plan.waits.flatMap(({ reason, rows: count }) => {
      const { meaning, advice } = describeReason(reason)
      return warning(`${countOf(count, 'row waits', 'rows wait')}: ${meaning}`, advice)
    }),
    ...linkLines(plan),
    ...removalsText(plan).flatMap((line) => warning(line)),
    ...(plan.dropped.length > 0 ? warning(renderDropped(plan)) : []),
    ...plan.guards.flatMap(({ guard, message }): readonly PlanLine[] => [
      { text: `  Guard ${guard}: ${message}. A run would write nothing.`, colour: 'red' },
      {
        text: `    If this is right: ${say(`run --select ${plan.sync} --force-guard ${guard}`)}`,
      },
    ]),
  ]
}

const warning = (what: string, advice?: string): readonly PlanLine[] => [
  { text: `  ! ${what}`, colour: 'yellow' },
  ...(advice === undefined ? [] : [{ text: `    ${advice}` }]),
]

/** What a run makes in HubSpot before the first row, and that it reads a whole list. */
function madeFirst({ createsEvent, list, creates = [] }: Plan): readonly string[] {
  const size = list?.size === null ? '' : ` (${numberOf(list?.size ?? 0)} now)`
  return [
    ...(createsEvent === undefined ? [] : [`+ event ${createsEvent}, made first`]),
    ...(list?.id === null ? [`+ list ${list.name}, made first`] : []),
    ...(list?.isExact === true
      ? [
          `exact: a run reads the members of the list${size}, and removes all that are not in the model`,
        ]
      : []),
    ...creates.map((definition) => `+ property ${describeDefinition(definition)}, made first`),
  ]
}

/** The keys of the sync that another target has otherwise, and what they become. */
function editsText({ edits = [] }: Plan): readonly string[] {
  if (edits.length === 0) return []
  const lines = edits.map(({ key, from, to }) => {
    if (from === null) return `+ ${key}: ${shortened(to)}`
    return to === null
      ? `- ${key}: ${shortened(from)}`
      : `~ ${key}: ${shortened(from)} → ${shortened(to)}`
  })
  return [
    'the sync is defined otherwise than when that target last ran:',
    ...lines.map((line) => `  ${line}`),
  ]
}

/** Templates and predicates may be long. */
const longestSetting = 200

const shortened = (text: string | null): string =>
  text !== null && text.length > longestSetting ? `${text.slice(0, longestSetting)}…` : (text ?? '')

const countOnlyText = ({ isCountOnly, isUpperBound }: Plan): readonly string[] => [
  ...(isCountOnly ? ['Counts only: the warehouse lets this login create no scratch table'] : []),
  ...(isCountOnly && isUpperBound ? ['At most: templates are not rendered for a count'] : []),
]

/** What removals mean for the records, and which of them stay. */
function removalsText({ operations, removals, list }: Plan): readonly string[] {
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
function backwardsText({ backwards }: Pick<Plan, 'backwards'>): readonly string[] {
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

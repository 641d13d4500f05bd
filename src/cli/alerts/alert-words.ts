import type { Words } from '../../alert/alert.ts'
import { cut, oneLine } from '../../alert/words.ts'
import { hideSecrets } from '../../project/secrets.ts'
import type { LastThrough } from '../../record/alert-states.ts'
import type { RejectGroup } from '../../record/rejects.ts'
import type { SyncReport } from '../../run/context.ts'
import type { Failure } from '../failure.ts'
import { describeReason } from '../render/reasons.ts'
import { shellWord } from '../render/shell-word.ts'
import { countOf, durationOf, numberOf } from '../render/words.ts'

/**
 * What alerts say. They leave the company's own machines and stay in the table `alerts`, so they hold counts, categories and what to do: no
 * values, and no keys of rows, which `backhaul forget` would have to find there. `backhaul status` names an example.
 */

const lineCharacters = 300
const mostLines = 5
const mostSteps = 3

export interface Setting {
  readonly target: string
  /** Texts that no message may hold, longest first. */
  readonly secrets: readonly string[]
}

/** The first line of a message; what follows it is for the log. */
const firstLine = (message: string, { secrets }: Setting): string =>
  cut(oneLine(hideSecrets(message, secrets).trim().split('\n')[0] ?? ''), lineCharacters)

const lineOf = (text: string): string => cut(oneLine(text), lineCharacters)

const commandOf = (line: string, sync: string, { target }: Setting): string =>
  `backhaul ${line} ${shellWord(sync)} --target ${shellWord(target)}`

const looking = (sync: string, setting: Setting) => commandOf('status --select', sync, setting)

/** A sync ended by an error, or left rows for the next run. */
export function failureWords(report: SyncReport, setting: Setting): Words {
  const { sync, runId, error, status, problems } = report
  const message = error === null ? status : firstLine(error.message, setting)
  const more = problems.length - 1
  return {
    title: status === 'partial' ? `${sync} did not get through` : `${sync} failed`,
    what: [
      message,
      ...(more > 0 ? [`and ${countOf(more, 'more problem')}: backhaul validate says all`] : []),
    ],
    steps: [firstLine(error?.hint ?? problems[0]?.hint ?? 'Mend it and run again.', setting)],
    command: looking(sync, setting),
    runId,
  }
}

/** A guard tripped. */
export function guardWords({ sync, runId, error }: SyncReport, setting: Setting): Words {
  return {
    title: `${sync} was stopped by a guard`,
    what: [firstLine(error?.message ?? 'A guard tripped', setting), 'Nothing was written.'],
    steps: [
      'Look at the model. If it is right, let the guard pass once:',
      ...(error?.hint === undefined ? [] : [firstLine(error.hint, setting)]),
    ],
    command: commandOf('plan --select', sync, setting),
    runId,
  }
}

/** dbt did not build or test the model well. */
export function heldWords({ sync, runId, error }: SyncReport, setting: Setting): Words {
  return {
    title: `${sync} is held: its dbt build did not go well`,
    what: [firstLine(error?.message ?? 'Held', setting), 'Nothing was written.'],
    steps: [firstLine(error?.hint ?? 'Build the model again, then run.', setting)],
    command: looking(sync, setting),
    runId,
  }
}

/** More rows were rejected than an alert lets pass. */
export function rejectedWords(
  { sync, runId, counts, plan }: SyncReport,
  groups: readonly RejectGroup[],
  setting: Setting,
): Words {
  const rows = counts.rejected
  const parked = plan?.rows.parked ?? 0
  const inModel = plan?.rows.inModel ?? 0
  const shown = groups.slice(0, mostLines)
  const advice = shown.map(({ category, property }) => describeReason(category, property).advice)
  return {
    title: `${sync}: ${countsOf(rows, parked, counts.linksRejected)}`,
    what: [
      `Of ${countOf(inModel, 'row')} in the model.`,
      ...shown.map((group) => reasonLine(group)),
      ...(groups.length > shown.length ? ['and other reasons'] : []),
      ...(parked > 0
        ? [`${countOf(parked, 'parked row')}: refused before, left alone until they change`]
        : []),
    ],
    steps: [...new Set(advice)].slice(0, mostSteps).map(lineOf),
    command: looking(sync, setting),
    runId,
  }
}

function countsOf(rows: number, parked: number, links: number): string {
  const parts = [
    ...(rows > 0 || links === 0 ? [`${countOf(rows + parked, 'row')} rejected`] : []),
    ...(rows === 0 && links > 0 && parked > 0 ? [`${countOf(parked, 'row')} rejected`] : []),
    ...(links > 0 ? [`${countOf(links, 'link')} rejected`] : []),
  ]
  return parts.join(', ')
}

function reasonLine({ category, property, isLink, rows }: RejectGroup): string {
  const { meaning } = describeReason(category, property)
  const of = property === null ? '' : ` (${property})`
  return lineOf(`${countOf(rows, isLink ? 'link' : 'row')}${of}: ${meaning} [${category}]`)
}

/** The whole run ended before its syncs were through. */
export function runFailureWords(
  { category, message, hint, problems }: Failure,
  setting: Setting,
): Words {
  const told = hint ?? problems[0]?.hint
  // A defect's message is a stack, and may quote anything.
  const what =
    category === 'DEFECT' ? 'A defect of Backhaul; the log has it.' : firstLine(message, setting)
  const more = problems.length - 1
  return {
    title: 'backhaul run failed before its syncs were through',
    what: [what, ...(more > 0 ? [`and ${countOf(more, 'more problem')}`] : [])],
    steps: told === undefined ? [] : [firstLine(told, setting)],
    command: `backhaul debug --target ${shellWord(setting.target)}`,
    runId: null,
  }
}

/** A sync has not got through for too long. */
export function staleWords(
  sync: string,
  {
    atMs,
    hasGotThrough,
    afterMs,
    nowMs,
  }: LastThrough & { readonly afterMs: number; readonly nowMs: number },
  setting: Setting,
): Words {
  const since = new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')
  const age = durationOf(Math.floor((nowMs - atMs) / 1000))
  const last = hasGotThrough ? 'The last that did ended' : 'None ever did; the first began'
  return {
    title: `${sync} is stale: no run of it got through for ${durationOf(afterMs / 1000)}`,
    what: [`${last} ${age} ago, at ${since} UTC.`],
    steps: [
      'See whether the job still runs, whether it selects the sync, and what its last runs say.',
    ],
    command: looking(sync, setting),
    runId: null,
  }
}

const over = (title: string, what: readonly string[], runId: string | null): Words => ({
  title: `Recovered: ${title}`,
  what,
  steps: [],
  command: null,
  runId,
})

export const recovered = {
  failure: ({ sync, runId }: SyncReport): Words =>
    over(`${sync} gets through again`, ['A run got through.'], runId),
  guard: ({ sync, runId }: SyncReport): Words =>
    over(`${sync} is not stopped any more`, ['It wrote what there was to write.'], runId),
  rejected: ({ sync, runId, counts, plan }: SyncReport): Words =>
    over(
      `${sync} is within its limit of rejected rows`,
      [
        `${numberOf(counts.rejected + counts.linksRejected + (plan?.rows.parked ?? 0))} rejected or parked.`,
      ],
      runId,
    ),
  stale: (sync: string): Words => over(`${sync} is up to date again`, ['A run got through.'], null),
  run: (): Words =>
    over('backhaul run gets through again', ['Warehouse and HubSpot answer.'], null),
  gone: (sync: string): Words =>
    over(`${sync} is not run any more`, ['It left the project, or is switched off.'], null),
}

import { printable } from '../../errors.ts'
import { guardNames } from '../../plan/guards.ts'
import type { RecordedRun } from '../../record/status.ts'
import type { Say } from '../../types.ts'
import { knownReason } from '../render/reasons.ts'
import { keyWord } from '../render/shell-word.ts'
import { countOf } from '../render/words.ts'
import { keylessCategories, type StatusError, type SyncStatus } from './sync-status.ts'

type Verdict = Pick<SyncStatus, 'isWell' | 'nextStep'>

/** What a verdict is made of. */
type Seen = Pick<
  SyncStatus,
  'sync' | 'isDefined' | 'rows' | 'lastRun' | 'underWay' | 'errors' | 'links'
>

const well = (nextStep: string | null): Verdict => ({ isWell: true, nextStep })
const ill = (nextStep: string): Verdict => ({ isWell: false, nextStep })

/**
 * Whether somebody has to look, and what to do next: a line each.
 *
 * @param telling the run that says how the sync stands
 * @param say writes the commands to type next
 */
export function judge(seen: Seen, telling: RecordedRun | null, say: Say): Verdict {
  return withoutRun(seen, say) ?? stopped(seen, telling, say) ?? goingOn(seen, telling, say)
}

/** Nothing is judged by a run: one is under way, or there is none. */
function withoutRun(
  { sync, underWay, isDefined, lastRun, rows }: Seen,
  say: Say,
): Verdict | undefined {
  if (underWay !== null) return well(`A run is under way: ${underWay.holder}. Wait for its end.`)
  if (!isDefined) {
    return well(
      `The project does not define it any more. To forget its state: ${say(`clean --sync ${sync}`)}`,
    )
  }
  if (lastRun !== null) return undefined
  return well(
    rows === null
      ? `It has not run yet: ${say(`plan --select ${sync}`)}`
      : `No run of it is recorded here: ${say(`plan --select ${sync}`)}`,
  )
}

/** One thing has to be done before anything else. */
function stopped({ sync, rows }: Seen, telling: RecordedRun | null, say: Say): Verdict | undefined {
  const run = say(`run --select ${sync}`)
  if (telling?.finishedAt === null) {
    return ill(
      `The last run was cut short, and may have written records. The next one counts them and goes on: ${run}`,
    )
  }
  if (telling?.status === 'guarded') {
    return ill(guardedStep(telling, sync, say))
  }
  const unknown = rows?.unknown ?? 0
  if (unknown > 0) {
    return ill(`Say what became of ${countOf(unknown, 'unknown row')}: ${say(`resolve ${sync}`)}`)
  }
  if (telling?.status === 'held') {
    return ill(`It did not run: ${telling.error?.message}. Build the model again, then: ${run}`)
  }
  return telling?.status === 'failed' ? ill(failedStep(telling, run)) : undefined
}

/** What is left to do, each in a line. */
function goingOn(seen: Seen, telling: RecordedRun | null, say: Say): Verdict {
  const run = say(`run --select ${seen.sync}`)
  const steps = [
    ...leftSteps(seen, telling, run),
    ...correctSteps(seen, run, say),
    ...parkedSteps(seen, say),
    ...waitingSteps(seen, say),
    ...linkSteps(seen, say),
  ]
  const isWell = telling === null || telling.status === 'succeeded'
  if (telling === null) {
    steps.push(
      `Only some rows were sent so far, or none (--row, --limit or adopt). All of them: ${run}`,
    )
  } else if (!isWell && steps.length === 0) {
    steps.push(`Go on where it ended: ${run}`)
  }
  return { isWell, nextStep: steps.length === 0 ? null : steps.join('\n') }
}

/** What HubSpot's refusal means, and what to do about it, in front of the command that goes on afterwards. */
function mended(run: RecordedRun | null): string | undefined {
  const known = run?.error === null ? undefined : knownReason(run?.error.category ?? '')
  if (known === undefined) return undefined
  return `${known.meaning.charAt(0).toUpperCase()}${known.meaning.slice(1)}. ${known.advice}`
}

function failedStep(failed: RecordedRun, run: string): string {
  const advice = mended(failed)
  return advice === undefined ? `Mend what its error says, then: ${run}` : `${advice} Then: ${run}`
}

/** Events and members whose record is not there: no run sends them before it is. */
const rowAwaitsRecord: readonly string[] = ['NO_CONTACT_YET', 'RECORD_GONE']

/** Links that wait for a record, not for the next run. */
const linkAwaitsRecord: readonly string[] = [
  'AMBIGUOUS_TARGET',
  'NO_RECORD_YET',
  'NO_TARGET_YET',
  'RECORD_GONE',
  'TARGET_MISSING',
  'TARGET_NOT_FOUND',
]

/** Rows and links that no run got to, for a reason outside of them: it comes first, as it may befall every sync. */
function leftSteps(
  { rows, errors, links }: Pick<SyncStatus, 'rows' | 'errors' | 'links'>,
  telling: RecordedRun | null,
  run: string,
): readonly string[] {
  const leftRows = (rows?.pending ?? 0) - sumOf(errors.filter(isWaiting))
  const leftLinks = sumOf(
    (links?.errors ?? []).filter(
      ({ status, category }) => status === 'pending' && !linkAwaitsRecord.includes(category),
    ),
  )
  if (telling === null || leftRows + leftLinks === 0) return []
  const left = [
    ...(leftRows === 0 ? [] : [countOf(leftRows, 'waiting row')]),
    ...(leftLinks === 0 ? [] : [countOf(leftLinks, 'waiting link')]),
  ].join(' and ')
  const advice = mended(telling)
  return [advice === undefined ? `Send ${left}: ${run}` : `${advice} Then send ${left}: ${run}`]
}

function guardedStep(guarded: RecordedRun, sync: string, say: Say): string {
  const forced = forcing(guarded).join(' ')
  return forced === ''
    ? `It was held to a plan file that is not what a run would do by now, and nothing was written. Look: ${say(`plan --select ${sync}`)}`
    : `A guard stopped it, and nothing was written. Look at the model; if it is right: ${say(`run --select ${sync} ${forced}`)}`
}

/** The flags that let the guards of a run pass; its error names them. */
const forcing = ({ error }: RecordedRun): readonly string[] =>
  guardNames
    .filter((name) => error?.message.includes(`${name}: `))
    .map((name) => `--force-guard ${name}`)

/** What to change in the model. */
function correctSteps(
  { sync, errors }: Pick<SyncStatus, 'sync' | 'errors'>,
  run: string,
  say: Say,
): string[] {
  const rejected = errors.filter(({ status }) => status === 'rejected')
  const keyless = rejected.filter(({ category }) => keylessCategories.includes(category))
  const others = rejected.filter((error) => !keyless.includes(error))
  const steps: string[] = []
  if (keyless.length > 0) {
    const facts = keyless.map(({ rows, exampleRowId }) =>
      exampleRowId === null
        ? `${countOf(rows, 'row')} ${rows === 1 ? 'has' : 'have'} none`
        : `${countOf(rows, 'row')} share one, e.g. ${printable(exampleRowId)}`,
    )
    steps.push(
      `Give each row of the model a primary key of its own (${facts.join('; ')}), build it, then: ${run}`,
    )
  }
  if (others.length > 0) {
    steps.push(
      `Correct ${countOf(sumOf(others), 'rejected row')} in the model (what is wrong: ${showing(sync, others, say)}), build it, then: ${run}`,
    )
  }
  return steps
}

function parkedSteps(
  { sync, errors }: Pick<SyncStatus, 'sync' | 'errors'>,
  say: Say,
): readonly string[] {
  const parked = errors.filter(({ status }) => status === 'parked')
  if (parked.length === 0) return []
  return [
    `Look at ${countOf(sumOf(parked), 'parked row')}: ${showing(sync, parked, say)}`,
    `When the cause is gone: ${say(`retry ${sync}`)}`,
  ]
}

const isWaiting = ({ status, category }: StatusError): boolean =>
  status === 'pending' && rowAwaitsRecord.includes(category)

function waitingSteps(
  { sync, errors }: Pick<SyncStatus, 'sync' | 'errors'>,
  say: Say,
): readonly string[] {
  const waiting = errors.filter(isWaiting)
  if (waiting.length === 0) return []
  return [
    `${countOf(sumOf(waiting), 'row waits', 'rows wait')} for a record: ${showing(sync, waiting, say)}`,
  ]
}

/** Links that are not there: nobody has to hurry, but all is not as the model says. */
function linkSteps(
  { sync, links }: Pick<SyncStatus, 'sync' | 'links'>,
  say: Say,
): readonly string[] {
  const errors = links?.errors ?? []
  const of = (...statuses: readonly string[]) =>
    errors.filter(({ status }) => statuses.includes(status))
  const waiting = of('pending').filter(({ category }) => linkAwaitsRecord.includes(category))
  const refused = of('rejected', 'parked')
  return [
    ...(waiting.length === 0
      ? []
      : [
          `${countOf(sumOf(waiting), 'link waits', 'links wait')} for a record: ${showing(sync, waiting, say)}`,
        ]),
    ...(refused.length === 0
      ? []
      : [
          `Look at ${countOf(sumOf(refused), 'link')} that HubSpot refused: ${showing(sync, refused, say)}`,
        ]),
  ]
}

const sumOf = (errors: readonly StatusError[]): number =>
  errors.reduce((sum, { rows }) => sum + rows, 0)

/** The command that explains one of the rows. */
const showing = (sync: string, [first]: readonly StatusError[], say: Say): string =>
  say(`show ${sync} ${keyWord(first?.exampleRowId ?? 'KEY')}`)

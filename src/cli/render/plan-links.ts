import { printable } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { Paint } from './paint.ts'
import { describeReason } from './reasons.ts'
import { countOf, numberOf } from './words.ts'

/** A line about a plan as a whole, in one colour. */
export interface PlanLine {
  readonly text: string
  readonly colour?: keyof Paint
}

/** What becomes of links, a line for each entry, with their labels, and what those wait for that are not there. */
export function linkLines({ links }: Plan): readonly PlanLine[] {
  return (links?.entries ?? []).flatMap((entry) => {
    const { association, add, remove, stay, labels } = entry
    const labelled = labels.map(
      (some) =>
        `${some.labels.length === 0 ? 'unlabelled' : some.labels.join(' + ')} ${numberOf(some.links)}`,
    )
    const facts = [
      ...(add > 0 ? [`${countOf(add, 'link')} (${labelled.join(', ')})`] : []),
      ...(remove > 0 ? [`${numberOf(remove)} removed`] : []),
    ]
    return [
      ...(facts.length > 0 ? [{ text: `  ↔ ${association}: ${facts.join(', ')}` }] : []),
      ...(stay > 0 ? [{ text: `  · ${association}: ${stayText(stay)}` }] : []),
      ...waitingText(entry).map((line) => ({
        text: `  ! ${association}: ${line}`,
        colour: 'yellow' as const,
      })),
    ]
  })
}

const stayText = (links: number): string =>
  `${countOf(links, 'link that is asked for no more stays', 'links that are asked for no more stay')}, because nothing tells that Backhaul made ${links === 1 ? 'it' : 'them'}`

/** Links of an entry that are not there: those that wait for a row of another sync, and others by their reason. */
function waitingText({
  wait,
  waiting,
  missing,
}: NonNullable<Plan['links']>['entries'][number]): readonly string[] {
  const forRows = waiting
    .filter(({ reason }) => reason === 'NO_TARGET_YET')
    .reduce((sum, { links }) => sum + links, wait)
  const example =
    missing === undefined
      ? ''
      : `, e.g. for row ${missing.row} of sync ${missing.sync}, which has no record in HubSpot yet`
  const others = waiting.filter(({ reason }) => reason !== 'NO_TARGET_YET')
  return [
    ...(forRows === 0 ? [] : [`${countOf(forRows, 'link waits', 'links wait')}${example}`]),
    ...others.map(({ status, reason, links, exampleRowId }) => {
      const what =
        status === 'parked'
          ? countOf(links, 'link is parked', 'links are parked')
          : countOf(links, 'link waits', 'links wait')
      return `${what}: ${describeReason(reason).meaning} (e.g. of row ${printable(exampleRowId)})`
    }),
  ]
}

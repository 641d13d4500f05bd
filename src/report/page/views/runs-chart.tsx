import { useMemo } from 'preact/hooks'
import type { ReportRun } from '../../payload.ts'
import { Chart } from '../chart.tsx'
import { hrefTo } from '../route.ts'
import { bucketRuns } from '../series.ts'
import { countOf, countWord, momentOf, numberOf } from '../words.ts'

/** Rows by outcome over the time of the runs. */
export function RunsChart({ runs }: { runs: readonly ReportRun[] }) {
  const { buckets, names } = useMemo(() => {
    const made = bucketRuns(runs).buckets
    const found = new Set(made.flatMap(({ counts }) => [...counts.keys()]))
    return { buckets: made, names: order.filter((name) => found.has(name)) }
  }, [runs])
  const times = useMemo(() => buckets.map(({ start }) => start), [buckets])
  const series = useMemo(
    () =>
      names.map((name) => ({
        name: countWord(name),
        colour: colourOf[name] ?? '--muted',
        values: buckets.map(({ counts }) => counts.get(name) ?? null),
      })),
    [buckets, names],
  )
  if (series.length === 0) return <p class="note">No run sent, rejected or left anything.</p>
  const sums = names.map((name) => {
    const sum = buckets.reduce((total, { counts }) => total + (counts.get(name) ?? 0), 0)
    return `${numberOf(sum)} ${countWord(name, sum)}`
  })
  const [first, last] = [times[0], times.at(-1)].map((time) =>
    momentOf(new Date((time ?? 0) * 1000).toISOString()).slice(0, 16),
  )
  return (
    <Chart
      summary={`Rows by outcome in ${countOf(runs.length, 'run')} from ${first} to ${last}: ${sums.join(', ')}.`}
      kind="stack"
      times={times}
      series={series}
      onPick={(index) => {
        const run = buckets[index]?.runs[0]
        if (run !== undefined) location.hash = hrefTo(['run', run.runId])
      }}
    />
  )
}

const colourOf: Readonly<Record<string, string>> = {
  created: '--c-created',
  sent: '--c-created',
  added: '--c-created',
  linksAdded: '--c-linked',
  updated: '--c-updated',
  removed: '--c-removed',
  cleared: '--c-removed',
  archived: '--c-removed',
  linksRemoved: '--c-removed',
  skipped: '--c-calm',
  left: '--c-calm',
  returned: '--c-calm',
  waiting: '--c-waiting',
  pending: '--c-waiting',
  unknown: '--c-unknown',
  linksWaiting: '--c-waiting',
  linksPending: '--c-waiting',
  rejected: '--c-rejected',
  linksRejected: '--c-rejected',
}

/** From the bottom of a stack to its top. */
const order = Object.keys(colourOf)

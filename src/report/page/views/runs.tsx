import { useMemo } from 'preact/hooks'
import { wordsIn } from '../filter-changes.ts'
import { Empty, Heading, Section } from '../parts.tsx'
import type { ViewProps } from '../view-props.ts'
import { countOf } from '../words.ts'
import { Choice } from './filters.tsx'
import { RunsChart } from './runs-chart.tsx'
import { RunsTable } from './runs-table.tsx'

export function RunsView({ facts, route, replaceQuery }: ViewProps) {
  const { payload } = facts
  const sync = route.query.get('sync') ?? undefined
  const status = route.query.get('status') ?? undefined
  const runs = useMemo(
    () =>
      payload.runs.filter(
        (run) =>
          (sync === undefined || run.sync === sync) &&
          (status === undefined || run.status === status),
      ),
    [payload, sync, status],
  )
  return (
    <>
      <Heading title="Runs">{countOf(runs.length, 'run')}, newest first</Heading>
      {payload.runs.length === 0 ? (
        <NoRuns />
      ) : (
        <>
          <search class="filters">
            <Choice
              label="Sync"
              value={sync}
              words={payload.syncs.map(({ name }) => name)}
              onChange={(value) => replaceQuery({ sync: value, status })}
            />
            <Choice
              label="Status"
              value={status}
              words={wordsIn(payload.runs.map((run) => run.status))}
              onChange={(value) => replaceQuery({ sync, status: value })}
            />
          </search>
          {runs.length === 0 ? (
            <Empty title="No run matches.">Take a filter off.</Empty>
          ) : (
            <>
              <Section title="Rows by outcome">
                <RunsChart runs={runs} />
              </Section>
              <RunsTable runs={runs} label="Runs" />
            </>
          )}
        </>
      )}
    </>
  )
}

export const NoRuns = () => (
  <Empty title="No run in this report.">
    <code>backhaul run</code> sends what has changed; <code>backhaul plan</code> shows it first, and
    sends nothing. Runs of long ago: make a report that begins earlier.
  </Empty>
)

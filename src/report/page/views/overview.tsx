import { useMemo } from 'preact/hooks'
import type { ReportRun } from '../../payload.ts'
import { Chart } from '../chart.tsx'
import { type Facts, newestInvocation } from '../facts.ts'
import { type Live, progressText } from '../live.ts'
import { Heading, Mark, Moment, RunLink, Section, StatusMark, Value } from '../parts.tsx'
import { hrefTo } from '../route.ts'
import type { ViewProps } from '../view-props.ts'
import { ageOf, callsText, countOf, countsText, lengthOf, numberOf } from '../words.ts'
import { NoRuns } from './runs.tsx'
import { RunsChart } from './runs-chart.tsx'
import { SyncsTable } from './syncs.tsx'

export function OverviewView({ facts, live }: ViewProps) {
  const { payload } = facts
  const newest = useMemo(() => newestInvocation(facts), [facts])
  return (
    <>
      <Heading title={healthOf(facts)}>
        {newest[0] !== undefined && (
          <>newest run {ageOf(newest[0].startedAt, payload.generatedAt)} this report</>
        )}
      </Heading>
      {live.progress.size > 0 && <UnderWay live={live} />}
      <Section title="Syncs">
        <SyncsTable facts={facts} />
      </Section>
      <Section
        title="Newest run"
        aside={newest[0] !== undefined && <Moment at={newest[0].startedAt} />}
      >
        {newest.length === 0 ? <NoRuns /> : <Story runs={newest} />}
      </Section>
      {payload.runs.length > 0 && (
        <Section
          title="Rows by outcome"
          aside={<a href={hrefTo(['runs'])}>all {countOf(payload.runs.length, 'run')}</a>}
        >
          <RunsChart runs={payload.runs} />
        </Section>
      )}
    </>
  )
}

/** `3 of 4 syncs are well`. */
function healthOf({ payload: { syncs } }: Facts): string {
  if (syncs.length === 0) return 'No sync has run yet'
  const well = syncs.filter(
    ({ status, errors }) => (status === 'succeeded' || status === 'running') && errors.length === 0,
  )
  if (well.length === syncs.length)
    return syncs.length === 1 ? 'The sync is well' : `All ${syncs.length} syncs are well`
  const stopped = syncs.filter(({ status }) => status !== 'succeeded' && status !== 'running')
  const rejecting = syncs.length - well.length - stopped.length
  const parts = [
    ...(stopped.length > 0 ? [`${countOf(stopped.length, 'sync')} did not succeed`] : []),
    ...(rejecting > 0
      ? [
          `${countOf(rejecting, 'sync')} ${rejecting === 1 ? 'has' : 'have'} rows that do not come through`,
        ]
      : []),
  ]
  return parts.join(', ')
}

function Story({ runs }: { runs: readonly ReportRun[] }) {
  return (
    <ul class="story-of-run">
      {[...runs].reverse().map((run) => (
        <li key={run.runId}>
          <RunLink runId={run.runId}>{run.sync}</RunLink> <StatusMark status={run.status} />
          <span>
            {[countsText(run), callsText(run), lengthOf(run) === null ? '' : `in ${lengthOf(run)}`]
              .filter((part) => part !== '')
              .join(' · ')}
          </span>
          {run.errorMessage !== null && (
            <p class="why">
              <Value text={run.errorMessage} />
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}

function UnderWay({ live }: { live: Live }) {
  return (
    <Section title="Under way">
      <ul class="under-way">
        {[...live.progress.values()].map((told) => (
          <li key={told.sync}>
            <span>{progressText(told)}</span>
            <progress
              aria-label={`Progress of ${told.sync}`}
              {...(told.total !== null && told.done !== null
                ? { value: told.done, max: Math.max(1, told.total) }
                : {})}
            />
            <span class="number">
              {told.total !== null && told.done !== null && told.total > 0
                ? `${numberOf(Math.floor((100 * told.done) / told.total))} %`
                : ''}
            </span>
          </li>
        ))}
      </ul>
      <LiveCallsChart live={live} />
      {live.failed.length > 0 && (
        <ul class="plain" aria-label="Calls that failed">
          {live.failed.map((request) => (
            <li key={request.requestId}>
              <Moment at={request.at} />{' '}
              <span class="call">
                {request.method} {request.path}
              </span>{' '}
              <Mark tone={request.status === 429 ? 'warn' : 'bad'}>
                {request.status ?? 'no answer'}
              </Mark>{' '}
              <span class="quiet">{request.category}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

const stretch = 10

/** Calls per ten seconds of what is under way, against the limit of the account. */
function LiveCallsChart({ live: { calls } }: { live: Live }) {
  const { times, series, limit } = useMemo(() => {
    const counts = new Map<number, number>()
    for (const { at, made } of calls) {
      const start = Math.floor(Date.parse(at) / 1000 / stretch) * stretch
      counts.set(start, (counts.get(start) ?? 0) + made)
    }
    const starts = [...counts.keys()].sort((a, b) => a - b)
    const value = calls.findLast((told) => told.limitPerTenSeconds !== null)?.limitPerTenSeconds
    return {
      times: starts,
      series: [
        {
          name: `calls per ${stretch} s`,
          colour: '--c-updated',
          values: starts.map((start) => counts.get(start) ?? 0),
        },
      ],
      limit: value == null ? undefined : { name: `limit: ${numberOf(value)}`, value },
    }
  }, [calls])
  const last = calls.at(-1)
  if (last === undefined) return null
  return (
    <Chart
      summary={`Calls per ${stretch} s of what is under way${limit === undefined ? '' : `, of ${numberOf(limit.value)} that the account allows`}.`}
      kind="bars"
      height={130}
      times={times}
      series={series}
      limit={limit}
    />
  )
}

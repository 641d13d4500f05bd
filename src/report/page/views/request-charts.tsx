import { useMemo } from 'preact/hooks'
import type { ReportRequest, ReportRun } from '../../payload.ts'
import { Chart } from '../chart.tsx'
import type { Facts } from '../facts.ts'
import { Empty } from '../parts.tsx'
import { hrefTo } from '../route.ts'
import { kindOf, requestKinds, requestKindWords, throughput } from '../series.ts'
import { countOf, momentOf, numberOf } from '../words.ts'

const colours = {
  answered: '--c-updated',
  retry: '--c-waiting',
  limit: '--c-rejected',
  error: '--c-unknown',
  silent: '--c-calm',
} as const

/** Longer than that, bars of ten seconds are no picture any more. */
const mostStretches = 2000

/** Requests on a time line, and how many there were per ten seconds. */
export function RequestCharts({
  facts,
  requests,
  runs,
}: {
  facts: Facts
  requests: readonly ReportRequest[]
  /** Those that the requests were made for, to say how many calls are not kept. */
  runs: readonly ReportRun[]
}) {
  const { limit } = facts.payload
  const seconds = limit?.seconds ?? 10
  const ordered = useMemo(() => [...requests].reverse().filter(hasTime), [requests])
  const times = useMemo(
    () => ordered.map(({ startedAt }) => Date.parse(startedAt) / 1000),
    [ordered],
  )
  const kinds = useMemo(
    () =>
      requestKinds
        .filter((kind) => ordered.some((request) => kindOf(request) === kind))
        .map((kind) => ({
          name: requestKindWords[kind],
          colour: colours[kind],
          values: ordered.map((request) =>
            kindOf(request) === kind ? Math.max(1, request.milliseconds ?? 1) : null,
          ),
        })),
    [ordered],
  )
  const rate = useMemo(() => throughput(ordered, seconds), [ordered, seconds])
  const rates = useMemo(
    () => [{ name: `requests per ${seconds} s`, colour: '--c-updated', values: rate.counts }],
    [rate, seconds],
  )
  const line = useMemo(
    () =>
      limit === null
        ? undefined
        : {
            name: `limit: ${numberOf(limit.requests)} per ${limit.seconds} s`,
            value: limit.requests,
          },
    [limit],
  )
  if (ordered.length === 0) return <NoRequests />
  const counted = requestKinds
    .map((kind) => [kind, ordered.filter((request) => kindOf(request) === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${numberOf(count)} ${requestKindWords[kind]}`)
    .join(', ')
  const highest = rate.counts.reduce((a, b) => Math.max(a, b), 0)
  const least = useMemo(() => leastLeft(ordered), [ordered])
  const calls = runs.reduce((sum, run) => sum + run.callsMade + run.readsMade, 0)
  return (
    <>
      <div class="charts">
        <Chart
          summary={`Milliseconds of ${countOf(ordered.length, 'request')} over time: ${counted}.`}
          kind="points"
          unit="ms"
          times={times}
          series={kinds}
          onPick={(index) => {
            const request = ordered[index]
            if (request !== undefined) location.hash = hrefTo(['request', request.requestId])
          }}
        />
        {rate.starts.length <= mostStretches && (
          <Chart
            summary={`Requests per ${seconds} s: at most ${numberOf(highest)}${limit === null ? '' : ` of ${numberOf(limit.requests)} that the account allows`}.`}
            kind="bars"
            times={rate.starts}
            series={rates}
            limit={line}
          />
        )}
      </div>
      {least !== undefined && (
        <p class="note">
          At the least {numberOf(least.remaining ?? 0)}
          {least.limit !== null && ` of ${numberOf(least.limit)}`} requests were left of the limit,{' '}
          <a href={hrefTo(['request', least.requestId])}>at {momentOf(least.startedAt)}</a>.
        </p>
      )}
      {calls > ordered.length && (
        <p class="note">
          {numberOf(ordered.length)} of {countOf(calls, 'call')} are kept:{' '}
          <code>audit.requests</code> says which, by default those that failed.
        </p>
      )}
    </>
  )
}

/** The request whose answer told that the fewest others may follow at once. */
const leastLeft = (requests: readonly ReportRequest[]): ReportRequest | undefined =>
  requests
    .filter(({ remaining }) => remaining !== null)
    .reduce<ReportRequest | undefined>(
      (least, request) =>
        least === undefined || (request.remaining ?? 0) < (least.remaining ?? 0) ? request : least,
      undefined,
    )

const hasTime = ({ startedAt }: ReportRequest) => !Number.isNaN(Date.parse(startedAt))

export const NoRequests = () => (
  <Empty title="No request is kept.">
    By default those that failed are.{' '}
    <code>
      audit: {'{'}requests: full{'}'}
    </code>{' '}
    in backhaul.yml keeps all of them, with their bodies.
  </Empty>
)

import { useMemo } from 'preact/hooks'
import type { ReportRequest } from '../../payload.ts'
import { changesByRequest, type Facts } from '../facts.ts'
import { type Column, LongTable } from '../long-table.tsx'
import { Empty, Heading, Mark, Moment, Value } from '../parts.tsx'
import { hrefTo } from '../route.ts'
import { kindOf, type RequestKind, requestKinds, requestKindWords } from '../series.ts'
import type { ViewProps } from '../view-props.ts'
import { countOf, durationOf, momentOf, numberOf, type Tone } from '../words.ts'
import { Chip, Choice, SearchField } from './filters.tsx'
import { NoRequests, RequestCharts } from './request-charts.tsx'

const columns: readonly Column[] = [
  { title: 'Started', width: '10.4rem' },
  { title: 'Call', width: 'minmax(14rem, 3fr)' },
  { title: 'Answer', width: 'minmax(9rem, 1.4fr)' },
  { title: 'Took', width: '5rem', isNumber: true },
  { title: 'Attempt', width: '5rem', isNumber: true },
  { title: 'Inputs', width: '4.4rem', isNumber: true },
  { title: 'Left of limit', width: '6rem', isNumber: true },
  { title: 'Rows', width: '6.6rem' },
]

/** API calls on a time line and as a table. */
export function RequestsView({ facts, route, replaceQuery }: ViewProps) {
  const { payload } = facts
  const query = {
    q: route.query.get('q') ?? undefined,
    run: route.query.get('run') ?? undefined,
    invocation: route.query.get('invocation') ?? undefined,
    answer: route.query.get('answer') ?? undefined,
  }
  const { q, run: runId, invocation, answer } = query
  const run = payload.runs[facts.runIndex.get(runId ?? '') ?? -1]
  const found = useMemo(
    () =>
      payload.requests.filter(
        (request) =>
          (runId === undefined ||
            request.runId === runId ||
            (request.runId === null && request.invocationId === run?.invocationId)) &&
          (invocation === undefined || request.invocationId === invocation) &&
          (answer === undefined || kindOf(request) === answer) &&
          (q === undefined ||
            `${request.method} ${request.path} ${request.status} ${request.category} ${request.correlationId} ${request.requestId}`
              .toLowerCase()
              .includes(q.toLowerCase())),
      ),
    [payload, q, runId, run, invocation, answer],
  )
  const names = useMemo(() => invocationNames(facts), [facts])
  // A time line of weeks would show nothing: it is of one invocation.
  const shown = found[0]?.invocationId
  const charted = useMemo(
    () => found.filter((request) => request.invocationId === shown),
    [found, shown],
  )
  const carried = useMemo(() => changesByRequest(facts), [facts])
  const runs = shown === undefined ? [] : (facts.invocations.get(shown) ?? [])
  if (payload.requests.length === 0)
    return (
      <>
        <Heading title="Requests" />
        <NoRequests />
      </>
    )
  return (
    <>
      <Heading title="Requests">{countOf(found.length, 'request')}, newest first</Heading>
      <search class="filters">
        <SearchField
          label="Path, status, category or correlation id"
          value={q ?? ''}
          hint="batch/upsert"
          onInput={(text) => replaceQuery({ ...query, q: text })}
        />
        <Choice
          label="Run"
          value={invocation}
          words={[...names.keys()]}
          names={names}
          onChange={(value) => replaceQuery({ ...query, invocation: value })}
        />
        <Choice
          label="Answer"
          value={answer}
          words={requestKinds}
          names={new Map(Object.entries(requestKindWords))}
          onChange={(value) => replaceQuery({ ...query, answer: value })}
        />
        {runId !== undefined && (
          <Chip onClear={() => replaceQuery({ ...query, run: undefined })}>
            run {run === undefined ? runId : `of ${run.sync}, ${momentOf(run.startedAt)}`}
          </Chip>
        )}
      </search>
      {found.length === 0 ? (
        <Empty title="No request matches.">
          <a href={hrefTo(['requests'])}>Take all filters off</a>.
        </Empty>
      ) : (
        <>
          {charted.length < found.length && (
            <p class="note">
              The time line is of the newest invocation here, {names.get(shown ?? '') ?? shown}.
              Choose another above.
            </p>
          )}
          <RequestCharts
            facts={facts}
            requests={charted}
            runs={answer === undefined && q === undefined && run === undefined ? runs : []}
          />
          <LongTable
            label="Requests"
            columns={columns}
            count={found.length}
            estimate={36}
            row={(index) => {
              const request = found[index]
              return request === undefined ? [] : cells(request, carried)
            }}
          />
        </>
      )}
    </>
  )
}

/** Those that requests are kept of, by when they began and what they ran. */
function invocationNames({ payload, invocations }: Facts): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { invocationId, startedAt } of payload.requests) {
    if (names.has(invocationId)) continue
    const runs = invocations.get(invocationId) ?? []
    const moment = momentOf(runs.at(-1)?.startedAt ?? startedAt).slice(0, 16)
    names.set(invocationId, `${moment} ${runs.map(({ sync }) => sync).join(', ')}`)
  }
  return names
}

const tones: Readonly<Record<RequestKind, Tone>> = {
  answered: 'good',
  retry: 'warn',
  limit: 'bad',
  error: 'bad',
  silent: 'warn',
}

export function AnswerMark({ request }: { request: ReportRequest }) {
  return <Mark tone={tones[kindOf(request)]}>{request.status ?? 'no answer'}</Mark>
}

function cells(request: ReportRequest, carried: ReadonlyMap<string, number>) {
  const rows = carried.get(request.requestId) ?? 0
  return [
    <a key="when" class="when" href={hrefTo(['request', request.requestId])}>
      <Moment at={request.startedAt} />
    </a>,
    <span key="call" class="call">
      <b>{request.method}</b> <Value text={request.path} />
    </span>,
    <span key="answer">
      <AnswerMark request={request} />
      {request.category !== null && <span class="quiet"> {request.category}</span>}
    </span>,
    request.milliseconds === null ? '' : durationOf(request.milliseconds),
    request.attempt > 1 ? <b key="attempt">{request.attempt}</b> : request.attempt,
    request.inputs === null ? '' : numberOf(request.inputs),
    request.remaining === null ? '' : numberOf(request.remaining),
    rows === 0 ? (
      ''
    ) : (
      <a key="rows" href={hrefTo(['changes'], { request: request.requestId })}>
        {countOf(rows, 'change')}
      </a>
    ),
  ]
}

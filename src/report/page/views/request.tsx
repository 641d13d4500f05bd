import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import type { ReportRequest } from '../../payload.ts'
import { filterChanges } from '../filter-changes.ts'
import { Empty, Heading, Moment, RunLink, Section, Value } from '../parts.tsx'
import { hrefTo } from '../route.ts'
import type { ViewProps } from '../view-props.ts'
import { countOf, durationOf, momentOf, numberOf } from '../words.ts'
import { ChangesTable } from './changes-table.tsx'
import { AnswerMark } from './requests.tsx'

/** One attempt of one call: what was sent, what came back, and the rows that it decided. */
export function RequestView({ facts, route }: ViewProps) {
  const { payload } = facts
  const [requestId = ''] = route.parts
  const request = payload.requests[facts.requestIndex.get(requestId) ?? -1]
  const changes = useMemo(() => filterChanges(payload, { requestId }), [payload, requestId])
  if (request === undefined)
    return (
      <>
        <Heading title="Request" />
        <Empty title={`This report has no request ${requestId}.`}>
          By default only those that failed are kept: <code>audit.requests</code> says which.{' '}
          <a href={hrefTo(['requests'])}>Look at all that are</a>.
        </Empty>
      </>
    )
  const run = payload.runs[facts.runIndex.get(request.runId ?? '') ?? -1]
  const facetList: readonly (readonly [name: string, value: ComponentChildren])[] = [
    ['took', request.milliseconds === null ? 'unknown' : durationOf(request.milliseconds)],
    ['attempt', numberOf(request.attempt)],
    ['inputs', request.inputs === null ? 'none' : numberOf(request.inputs)],
    ['left of limit', leftOf(request)],
    [
      'left of the day',
      request.dailyRemaining === null ? 'not told' : numberOf(request.dailyRemaining),
    ],
    ['category', request.category ?? 'none'],
    [
      'correlation id',
      <span class="id" key="correlation">
        {request.correlationId ?? 'none'}
      </span>,
    ],
    [
      'run',
      run === undefined ? (
        'of several syncs'
      ) : (
        <RunLink key="run" runId={run.runId}>
          {run.sync}, {momentOf(run.startedAt)}
        </RunLink>
      ),
    ],
  ]
  return (
    <>
      <Heading
        title={
          <span class="call">
            {request.method} <Value text={request.path} />
          </span>
        }
      >
        <AnswerMark request={request} /> <Moment at={request.startedAt} />{' '}
        <span class="quiet id">{requestId}</span>
      </Heading>
      <dl class="figures">
        {facetList.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="text">{value}</dd>
          </div>
        ))}
      </dl>
      <Section title="Bodies">
        <Body name="sent" text={request.requestBody} />
        <Body name="received" text={request.responseBody} />
      </Section>
      <Section
        title="Rows that it decided"
        aside={changes.length > 0 && countOf(changes.length, 'change')}
      >
        {changes.length === 0 ? (
          <Empty title="None.">
            It read, was tried again, or its rows are older than this report.
          </Empty>
        ) : (
          <ChangesTable facts={facts} indexes={changes} label="Changes that this request decided" />
        )}
      </Section>
    </>
  )
}

function leftOf({ remaining, limit }: ReportRequest): string {
  if (remaining === null) return 'not told'
  return limit === null ? numberOf(remaining) : `${numberOf(remaining)} of ${numberOf(limit)}`
}

function Body({ name, text }: { name: string; text: string | null }) {
  if (text === null)
    return (
      <p class="note">
        The body {name} is not kept: <code>audit.requests: full</code> keeps it.
      </p>
    )
  return (
    <details class="body-text" open={text.length < 4000}>
      <summary>
        Body {name}, {countOf(text.length, 'character')}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre tabIndex={0} role="region" aria-label={`Body ${name}`}>
        {indented(text)}
      </pre>
    </details>
  )
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

import { useMemo } from 'preact/hooks'
import type { PagePayload } from '../../payload-lines.ts'
import { problemOfChange, requestsOfRun } from '../facts.ts'
import { filterChanges } from '../filter-changes.ts'
import {
  Advice,
  Empty,
  Heading,
  KeptValues,
  Moment,
  RunLink,
  Section,
  StatusMark,
  Value,
} from '../parts.tsx'
import { hrefTo } from '../route.ts'
import type { ViewProps } from '../view-props.ts'
import { adviceOf, callsText, countOf, countsOf, countWord, lengthOf, numberOf } from '../words.ts'
import { ChangesTable } from './changes-table.tsx'
import { RequestCharts } from './request-charts.tsx'

/** One sync, run once. */
export function RunView({ facts, route }: ViewProps) {
  const { payload } = facts
  const [runId = ''] = route.parts
  const run = payload.runs[facts.runIndex.get(runId) ?? -1]
  const changes = useMemo(() => filterChanges(payload, { runId }), [payload, runId])
  const requests = useMemo(() => (run === undefined ? [] : requestsOfRun(facts, run)), [facts, run])
  const problems = useMemo(() => {
    const counts = new Map<number, number>()
    for (const change of changes) {
      const problem = payload.changes.problem[change]
      if (problem !== null && problem !== undefined)
        counts.set(problem, (counts.get(problem) ?? 0) + 1)
    }
    return [...counts].sort(([, a], [, b]) => b - a)
  }, [payload, changes])
  if (run === undefined)
    return (
      <>
        <Heading title="Run" />
        <Empty title={`This report has no run ${runId}.`}>
          It may be older: make a report that begins earlier, or{' '}
          <a href={hrefTo(['runs'])}>look at all runs</a>.
        </Empty>
      </>
    )
  const siblings = (facts.invocations.get(run.invocationId) ?? []).filter(
    (other) => other.runId !== run.runId,
  )
  return (
    <>
      <Heading
        title={
          <>
            Run of <a href={hrefTo(['sync', run.sync])}>{run.sync}</a>
          </>
        }
      >
        <StatusMark status={run.status} /> <Moment at={run.startedAt} />
        {lengthOf(run) !== null && `, took ${lengthOf(run)}`}
      </Heading>
      {run.errorMessage !== null && (
        <div class="trouble">
          <p>
            {run.errorCategory !== null && <span class="id">{run.errorCategory} </span>}
            <Value text={run.errorMessage} />
          </p>
          <Advice text={adviceOf(run.status)} />
        </div>
      )}
      {run.errorMessage === null && run.status !== 'succeeded' && (
        <Advice text={adviceOf(run.status)} />
      )}
      <dl class="figures">
        {countsOf(run).map(([name, count]) => (
          <div key={name}>
            <dt>{countWord(name, count)}</dt>
            <dd>{numberOf(count)}</dd>
          </div>
        ))}
        {run.rowsInModel !== null && (
          <div>
            <dt>rows in model</dt>
            <dd>{numberOf(run.rowsInModel)}</dd>
          </div>
        )}
        <div>
          <dt>calls</dt>
          <dd class="text">{callsText(run)}</dd>
        </div>
      </dl>
      {siblings.length > 0 && (
        <p class="note">
          The same <code>backhaul run</code> ran{' '}
          {siblings.map((other, index) => (
            <span key={other.runId}>
              {index > 0 && ', '}
              <RunLink runId={other.runId}>{other.sync}</RunLink> ({other.status})
            </span>
          ))}
          .
        </p>
      )}
      {problems.length > 0 && (
        <Section
          title="Problems"
          aside={<a href={hrefTo(['problems'], { sync: run.sync })}>all of {run.sync}</a>}
        >
          <ul class="plain">
            {problems.map(([index, count]) => {
              const problem = payload.problems[index]
              const first = changes.find((change) => problemOfChange(facts, change) === problem)
              return (
                <li key={index}>
                  <a href={hrefTo(['changes'], { run: runId, problem: String(index) })}>
                    {countOf(count, 'row')}
                  </a>{' '}
                  <span class="id">{problem?.category}</span>{' '}
                  <Value text={messageOf(payload, first) ?? problem?.message ?? ''} />
                </li>
              )
            })}
          </ul>
        </Section>
      )}
      <Section
        title="Requests"
        aside={
          requests.length > 0 && (
            <a href={hrefTo(['requests'], { run: runId })}>{countOf(requests.length, 'request')}</a>
          )
        }
      >
        <RequestCharts facts={facts} requests={requests} runs={[run]} />
      </Section>
      <Section
        title="Changes"
        aside={
          changes.length > 0 && (
            <a href={hrefTo(['changes'], { run: runId })}>
              search in {countOf(changes.length, 'change')}
            </a>
          )
        }
      >
        <KeptValues payload={payload} />
        {changes.length === 0 ? (
          <Empty title="This run changed nothing.">
            {run.status === 'succeeded'
              ? 'No row differed from what HubSpot was last sent.'
              : adviceOf(run.status)}
          </Empty>
        ) : (
          <ChangesTable
            facts={facts}
            indexes={changes}
            label={`Changes of the run of ${run.sync}`}
          />
        )}
      </Section>
    </>
  )
}

const messageOf = ({ changes }: PagePayload, index: number | undefined): string | null =>
  index === undefined ? null : changes.detailsOf(index).message

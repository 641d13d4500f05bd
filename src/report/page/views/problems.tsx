import type { ReportProblem } from '../../payload.ts'
import type { Facts } from '../facts.ts'
import { Advice, Empty, Heading, RunLink, Value } from '../parts.tsx'
import { hrefTo } from '../route.ts'
import type { ViewProps } from '../view-props.ts'
import { countOf, momentOf, numberOf } from '../words.ts'
import { Choice } from './filters.tsx'

/** What went wrong, grouped by what went wrong, with what to do. */
export function ProblemsView({ facts, route, replaceQuery }: ViewProps) {
  const { payload } = facts
  const sync = route.query.get('sync') ?? undefined
  const found = problemsOf(facts, sync)
  const rows = found.reduce((sum, [problem]) => sum + problem.rows, 0)
  return (
    <>
      <Heading title="Problems">
        {found.length === 0
          ? 'none'
          : `${countOf(found.length, 'kind')} of problem, ${countOf(rows, 'row')}`}
      </Heading>
      {payload.problems.length > 0 && (
        <search class="filters">
          <Choice
            label="Sync"
            value={sync}
            words={[...new Set(payload.problems.map((problem) => problem.sync))]}
            onChange={(value) => replaceQuery({ sync: value })}
          />
        </search>
      )}
      <h2 class="unread">By the number of rows</h2>
      <ProblemList facts={facts} problems={found} />
    </>
  )
}

/** With their places in the payload; the most rows first. */
export function problemsOf(
  { payload }: Facts,
  sync: string | undefined,
): readonly (readonly [problem: ReportProblem, index: number])[] {
  return payload.problems
    .map((problem, index) => [problem, index] as const)
    .filter(([problem]) => sync === undefined || problem.sync === sync)
    .sort(([a], [b]) => b.rows - a.rows)
}

export function ProblemList({
  facts,
  problems,
}: {
  facts: Facts
  problems: readonly (readonly [problem: ReportProblem, index: number])[]
}) {
  if (problems.length === 0)
    return (
      <Empty title="No row was rejected, and none waits.">
        Rows that a run cannot send are grouped here by reason, each with what to do about it.
      </Empty>
    )
  return (
    <ol class="problems">
      {problems.map(([problem, index]) => {
        const run = facts.payload.runs[facts.runIndex.get(problem.lastRunId) ?? -1]
        return (
          <li key={index} class="problem">
            <p class="problem-rows">
              <b>{numberOf(problem.rows)}</b> {problem.rows === 1 ? 'row' : 'rows'}
            </p>
            <div>
              <h3>
                <span class="id">{problem.category}</span>
                {problem.property !== null && (
                  <>
                    {' '}
                    <span class="quiet">in</span> <span class="id">{problem.property}</span>
                  </>
                )}{' '}
                <a class="quiet" href={hrefTo(['sync', problem.sync])}>
                  {problem.sync}
                </a>
              </h3>
              <p class="message">
                <Value text={problem.message} />
              </p>
              {problem.advice !== null && <Advice text={problem.advice} />}
              <p class="links">
                <a href={hrefTo(['changes'], { problem: String(index) })}>Show the rows</a>
                {' · '}
                <span class="quiet">last in the run of</span>{' '}
                {run === undefined ? (
                  <span class="id">{problem.lastRunId}</span>
                ) : (
                  <RunLink runId={run.runId}>{momentOf(run.startedAt)}</RunLink>
                )}
              </p>
            </div>
          </li>
        )
      })}
    </ol>
  )
}

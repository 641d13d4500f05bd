import { useMemo } from 'preact/hooks'
import type { ReportSync } from '../../payload.ts'
import { changedProperties } from '../filter-changes.ts'
import { Advice, Empty, Heading, Moment, RowBar, Section, StatusMark, Value } from '../parts.tsx'
import { hrefTo } from '../route.ts'
import type { ViewProps } from '../view-props.ts'
import { countOf, numberOf } from '../words.ts'
import { ProblemList, problemsOf } from './problems.tsx'
import { NoRuns } from './runs.tsx'
import { RunsChart } from './runs-chart.tsx'
import { RunsTable } from './runs-table.tsx'
import { targetOf } from './syncs.tsx'

const shownProperties = 12

/** One sync: how it stands, what it changes, and its runs. */
export function SyncView({ facts, route }: ViewProps) {
  const { payload } = facts
  const [name = ''] = route.parts
  const sync = facts.syncs.get(name)
  const runs = useMemo(() => payload.runs.filter((run) => run.sync === name), [payload, name])
  const properties = useMemo(() => changedProperties(payload, name), [payload, name])
  const problems = useMemo(() => problemsOf(facts, name), [facts, name])
  if (sync === undefined)
    return (
      <>
        <Heading title={name === '' ? 'Sync' : name} />
        <Empty title={`This report has no sync ${name}.`}>
          <a href={hrefTo(['syncs'])}>Look at all syncs</a>.
        </Empty>
      </>
    )
  const most = properties[0]?.[1] ?? 1
  return (
    <>
      <Heading title={name}>
        <StatusMark status={sync.status} /> <span class="quiet">model</span>{' '}
        <span class="id">{sync.model}</span> <span class="quiet">{targetOf(sync)}</span>, last
        success <Moment at={sync.lastSuccessAt} now={payload.generatedAt} />
      </Heading>
      {sync.nextStep !== null && <Advice text={sync.nextStep} />}
      <Section title="Rows">
        <RowBar rows={sync.rows} />
      </Section>
      {sync.errors.length > 0 && (
        <Section title="Rows that do not come through">
          <StateErrors sync={sync} />
        </Section>
      )}
      <Section
        title="Runs"
        aside={<a href={hrefTo(['changes'], { sync: name })}>search its changes</a>}
      >
        {runs.length === 0 ? (
          <NoRuns />
        ) : (
          <>
            <RunsChart runs={runs} />
            <RunsTable runs={runs.slice(0, 25)} label={`Runs of ${name}`} />
            {runs.length > 25 && (
              <p class="note">
                <a href={hrefTo(['runs'], { sync: name })}>All {countOf(runs.length, 'run')}</a>
              </p>
            )}
          </>
        )}
      </Section>
      {properties.length > 0 && (
        <Section title="Properties that changed most">
          <ul class="ranking">
            {properties.slice(0, shownProperties).map(([property, count]) => (
              <li key={property}>
                <a href={hrefTo(['changes'], { sync: name, q: `${property}=` })}>
                  <Value text={property} />
                </a>
                <span class="track" aria-hidden="true">
                  <span style={{ width: `${(100 * count) / most}%` }} />
                </span>
                <span class="number">{numberOf(count)}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {problems.length > 0 && (
        <Section title="Problems of its runs">
          <ProblemList facts={facts} problems={problems} />
        </Section>
      )}
    </>
  )
}

function StateErrors({ sync }: { sync: ReportSync }) {
  return (
    <ul class="plain">
      {sync.errors.map((error) => (
        <li key={`${error.status} ${error.category}`}>
          <b>{numberOf(error.rows)}</b> {error.status} <span class="id">{error.category}</span>
          {error.exampleRowId !== null && (
            <>
              <span class="quiet">, such as row</span>{' '}
              <a href={hrefTo(['row', sync.name, error.exampleRowId])}>
                <Value text={error.exampleRowId} />
              </a>
            </>
          )}
          <Advice text={error.advice} />
        </li>
      ))}
    </ul>
  )
}

import type { ReportSync } from '../../payload.ts'
import type { Facts } from '../facts.ts'
import { Empty, Heading, Moment, RowBar, StatusMark } from '../parts.tsx'
import { hrefTo } from '../route.ts'
import type { ViewProps } from '../view-props.ts'
import { ageOf, countOf, numberOf } from '../words.ts'

export function SyncsView({ facts }: ViewProps) {
  const { syncs } = facts.payload
  return (
    <>
      <Heading title="Syncs">{countOf(syncs.length, 'sync')}</Heading>
      <SyncsTable facts={facts} />
    </>
  )
}

/** Health of every sync. */
export function SyncsTable({ facts }: { facts: Facts }) {
  const { payload } = facts
  if (payload.syncs.length === 0)
    return (
      <Empty title="No sync has run yet.">
        <code>backhaul ls</code> lists those of the project, <code>backhaul init</code> writes one.
      </Empty>
    )
  return (
    <table class="syncs">
      <thead>
        <tr>
          <th scope="col">Sync</th>
          <th scope="col">Last run</th>
          <th scope="col">Last success</th>
          <th scope="col">Rows</th>
          <th scope="col">Problems</th>
        </tr>
      </thead>
      <tbody>
        {payload.syncs.map((sync) => (
          <tr key={sync.name}>
            <th scope="row" data-title="Sync">
              <a href={hrefTo(['sync', sync.name])}>{sync.name}</a>
              <span class="quiet of"> {targetOf(sync)}</span>
            </th>
            <td data-title="Last run">
              <LastRun facts={facts} sync={sync} />
            </td>
            <td data-title="Last success">
              <Moment at={sync.lastSuccessAt} now={payload.generatedAt} />
            </td>
            <td data-title="Rows">
              <RowBar rows={sync.rows} />
            </td>
            <td data-title="Problems">
              <OpenProblems sync={sync} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function targetOf({ type, object }: ReportSync): string {
  if (type === 'list') return `to a list of ${object}`
  return type === 'event' ? `to the event ${object}` : `to ${object}`
}

function LastRun({ facts, sync }: { facts: Facts; sync: ReportSync }) {
  const run = facts.payload.runs[facts.runIndex.get(sync.lastRunId ?? '') ?? -1]
  if (run === undefined) return <StatusMark status={sync.status} />
  return (
    <>
      <a class="unlined" href={hrefTo(['run', run.runId])}>
        <StatusMark status={sync.status} />
        <span class="unread"> run of {sync.name}</span>
      </a>{' '}
      <span class="quiet">{ageOf(run.startedAt, facts.payload.generatedAt)}</span>
    </>
  )
}

function OpenProblems({ sync }: { sync: ReportSync }) {
  const rows = sync.errors.reduce((sum, error) => sum + error.rows, 0)
  if (rows === 0) return <span class="none">none</span>
  return (
    <a href={hrefTo(['sync', sync.name])}>
      {numberOf(rows)} {rows === 1 ? 'row does' : 'rows do'} not come through
    </a>
  )
}

import type { ReportRun } from '../../payload.ts'
import { type Column, LongTable } from '../long-table.tsx'
import { Moment, StatusMark, Value } from '../parts.tsx'
import { hrefTo } from '../route.ts'
import { callsText, countsText, lengthOf, numberOf } from '../words.ts'

const columns: readonly Column[] = [
  { title: 'Started', width: '10.4rem' },
  { title: 'Sync', width: 'minmax(6rem, 0.8fr)' },
  { title: 'Status', width: '7rem' },
  { title: 'What became of its rows', width: 'minmax(12rem, 2.4fr)' },
  { title: 'Rows in model', width: '6.4rem', isNumber: true },
  { title: 'Calls', width: 'minmax(8rem, 1fr)' },
  { title: 'Took', width: '5rem', isNumber: true },
]

export function RunsTable({ runs, label }: { runs: readonly ReportRun[]; label: string }) {
  return (
    <LongTable
      label={label}
      columns={columns}
      count={runs.length}
      estimate={36}
      row={(index) => {
        const run = runs[index]
        return run === undefined ? [] : cells(run)
      }}
    />
  )
}

function cells(run: ReportRun) {
  return [
    <a key="when" class="when" href={hrefTo(['run', run.runId])}>
      <Moment at={run.startedAt} />
    </a>,
    <a key="sync" href={hrefTo(['sync', run.sync])}>
      {run.sync}
    </a>,
    <StatusMark key="status" status={run.status} />,
    <span key="counts">
      {countsText(run)}
      {run.errorMessage !== null && (
        <span class="why">
          {countsText(run) === '' ? '' : ' '}
          <Value text={run.errorMessage} />
        </span>
      )}
    </span>,
    run.rowsInModel === null ? '' : numberOf(run.rowsInModel),
    <span key="calls" class="quiet">
      {callsText(run)}
    </span>,
    lengthOf(run) ?? <span class="none">open</span>,
  ]
}

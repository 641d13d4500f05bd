import { type Facts, problemOfChange, runOfChange } from '../facts.ts'
import { type Column, LongTable } from '../long-table.tsx'
import { Changed, Link, Moment, OutcomeMark, RecordLink, shortId, Value } from '../parts.tsx'
import { hrefTo } from '../route.ts'

const columns: readonly Column[] = [
  { title: 'Row', width: 'minmax(8rem, 1.1fr)' },
  { title: 'What', width: 'minmax(7rem, 0.7fr)' },
  { title: 'Old → new', width: 'minmax(14rem, 3fr)' },
  { title: 'When', width: '9.6rem' },
  { title: 'Request', width: '5.6rem' },
]

/** Changes as rows of a table; `indexes` are positions in the payload's arrays. */
export function ChangesTable({
  facts,
  indexes,
  label,
}: {
  facts: Facts
  indexes: readonly number[]
  label: string
}) {
  return (
    <LongTable
      label={label}
      columns={columns}
      count={indexes.length}
      estimate={58}
      row={(position) => {
        const index = indexes[position]
        return index === undefined ? [] : cells(facts, index)
      }}
    />
  )
}

function cells(facts: Facts, index: number) {
  const { changes } = facts.payload
  const run = runOfChange(facts, index)
  const problem = problemOfChange(facts, index)
  const sync = run?.sync ?? ''
  const { rowId, recordId, link, values, message: own } = changes.detailsOf(index)
  const outcome = changes.outcome[index] ?? ''
  const message = own ?? problem?.message
  const requestId = changes.requestId[index] ?? null
  return [
    <div key="row" class="cell-lines">
      <a href={hrefTo(['row', sync, rowId])} class="id">
        {rowId === '' ? '(no key)' : <Value text={rowId} />}
      </a>
      <span class="quiet">
        <a class="quiet" href={hrefTo(['sync', sync])}>
          {sync}
        </a>
        {recordId !== null && (
          <>
            {' · '}
            <RecordLink url={facts.syncs.get(sync)?.url ?? null} recordId={recordId} />
          </>
        )}
      </span>
    </div>,
    <div key="what" class="cell-lines">
      <span>{changes.operation[index]}</span>
      <OutcomeMark outcome={outcome} />
    </div>,
    <div key="values" class="cell-lines">
      {link ? <Link link={link} /> : <Changed values={values} />}
      {message !== undefined && message !== null && (
        <p class="why">
          {problem === undefined ? null : (
            <a href={hrefTo(['changes'], { problem: String(changes.problem[index]) })}>
              {problem.category}
            </a>
          )}{' '}
          <Value text={message} />
        </p>
      )}
    </div>,
    run === undefined ? null : (
      <a key="when" class="when" href={hrefTo(['run', run.runId])}>
        <Moment at={run.startedAt} />
      </a>
    ),
    requestId === null ? null : facts.requestIndex.has(requestId) ? (
      <a key="request" class="id" href={hrefTo(['request', requestId])}>
        {shortId(requestId)}
      </a>
    ) : (
      <span key="request" class="id quiet" title={`${requestId}: its request is not kept`}>
        {shortId(requestId)}
      </span>
    ),
  ]
}

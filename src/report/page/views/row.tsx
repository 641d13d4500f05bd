import { useEffect, useMemo, useState } from 'preact/hooks'
import type { ReportRow } from '../../payload.ts'
import { type Facts, problemOfChange, runOfChange } from '../facts.ts'
import { filterChanges } from '../filter-changes.ts'
import { liveQuery } from '../live.ts'
import {
  Advice,
  Changed,
  Empty,
  Heading,
  KeptValues,
  Link,
  Moment,
  OutcomeMark,
  RecordLink,
  RunLink,
  Section,
  shortId,
  Value,
} from '../parts.tsx'
import { hrefTo } from '../route.ts'
import type { ViewProps } from '../view-props.ts'
import { countOf, momentOf } from '../words.ts'

/** The story of one row: what became of it in every run of the report; served, also how its state stands. */
export function RowView({ facts, route }: ViewProps) {
  const { payload } = facts
  const [sync = '', rowId = ''] = route.parts
  const changes = useMemo(() => filterChanges(payload, { sync, rowId }), [payload, sync, rowId])
  const served = useServedRow(facts, sync, rowId)
  const recordId =
    served.row?.state?.recordId ??
    changes.map((index) => payload.changes.detailsOf(index).recordId).find((id) => id) ??
    null
  return (
    <>
      <Heading
        title={
          <>
            Row <Value text={rowId} />
          </>
        }
      >
        <a href={hrefTo(['sync', sync])}>{sync}</a>
        {recordId !== null && (
          <>
            <span class="quiet">, record</span>{' '}
            <RecordLink url={facts.syncs.get(sync)?.url ?? null} recordId={recordId} />
          </>
        )}
      </Heading>
      {served.row !== undefined && <RowState row={served.row} />}
      {served.message !== undefined && <p class="note">{served.message}</p>}
      {changes.length === 0 ? (
        <Empty title="No run of this report changed this row.">
          It is unchanged, or its changes are older. In a terminal:{' '}
          <code>{`backhaul show ${sync} '${rowId.replaceAll("'", "'\\''")}'`}</code> says how it
          stands and what the next run does.
        </Empty>
      ) : (
        <Section title="What became of it" aside={countOf(changes.length, 'change')}>
          <KeptValues payload={payload} />
          <ol class="story">
            {changes.map((index) => (
              <Attempt key={index} facts={facts} index={index} />
            ))}
          </ol>
          <p class="note">
            What the next run does with it, in a terminal:{' '}
            <code>{`backhaul show ${sync} '${rowId.replaceAll("'", "'\\''")}'`}</code>
          </p>
        </Section>
      )}
    </>
  )
}

function Attempt({ facts, index }: { facts: Facts; index: number }) {
  const { changes } = facts.payload
  const run = runOfChange(facts, index)
  const problem = problemOfChange(facts, index)
  const { link, values, message: own } = changes.detailsOf(index)
  const requestId = changes.requestId[index] ?? null
  const message = own ?? problem?.message ?? null
  return (
    <li>
      <p class="story-head">
        {run !== undefined && <RunLink runId={run.runId}>{momentOf(run.startedAt)}</RunLink>}{' '}
        <b>{changes.operation[index]}</b> <OutcomeMark outcome={changes.outcome[index] ?? ''} />
        {requestId !== null && (
          <span class="quiet">
            {' '}
            request{' '}
            {facts.requestIndex.has(requestId) ? (
              <a class="id" href={hrefTo(['request', requestId])}>
                {shortId(requestId)}
              </a>
            ) : (
              <span class="id">{shortId(requestId)}</span>
            )}
          </span>
        )}
      </p>
      {link ? <Link link={link} /> : <Changed values={values} />}
      {message !== null && (
        <p class="why">
          {problem !== undefined && <span class="id">{problem.category} </span>}
          <Value text={message} />
        </p>
      )}
      {problem?.advice != null && <Advice text={problem.advice} />}
    </li>
  )
}

/** What a served page can ask for: the state's row, which a file does not hold. */
function useServedRow(
  { payload }: Facts,
  sync: string,
  rowId: string,
): { readonly row?: ReportRow; readonly message?: string } {
  const [answer, setAnswer] = useState<{ row?: ReportRow; message?: string }>({})
  // Another payload is another moment, so it is asked again.
  useEffect(() => {
    const query = liveQuery()
    if (query === undefined) return
    const asked = new URLSearchParams(query)
    asked.set('sync', sync)
    asked.set('row', rowId)
    let isOver = false
    const ask = async () => {
      const response = await fetch(`row.json?${asked}`)
      const body = await response.json()
      if (isOver) return
      setAnswer(response.ok ? { row: body as ReportRow } : { message: String(body.message) })
    }
    ask().catch(() => {
      if (!isOver)
        setAnswer({ message: 'The state of this row cannot be asked for: no connection.' })
    })
    return () => {
      isOver = true
    }
  }, [payload, sync, rowId])
  return answer
}

function RowState({ row: { state, links, url } }: { row: ReportRow }) {
  if (state === null) return <p class="note">The state does not have this row.</p>
  const sent = Object.entries(state.sent)
  return (
    <Section title="How it stands">
      <p>
        <OutcomeMark outcome={state.status} />{' '}
        {state.lastSyncedAt !== null && (
          <>
            <span class="quiet">last sent</span> <Moment at={state.lastSyncedAt} />
          </>
        )}{' '}
        {url !== null && /^https:\/\//.test(url) && (
          <a href={url} target="_blank" rel="noopener noreferrer">
            Open the record in HubSpot
          </a>
        )}
      </p>
      {state.errorMessage !== null && (
        <p class="why">
          <span class="id">{state.errorCategory}</span> <Value text={state.errorMessage} />
        </p>
      )}
      {state.advice !== null && <Advice text={state.advice} />}
      {sent.length > 0 && (
        <table class="pairs">
          <caption>What HubSpot was last sent</caption>
          <tbody>
            {sent.map(([property, value]) => (
              <tr key={property}>
                <th scope="row">
                  <Value text={property} />
                </th>
                <td>
                  {value === null ? (
                    <span class="none">not kept</span>
                  ) : value === '' ? (
                    <span class="none">empty</span>
                  ) : (
                    <Value text={value} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {links.length > 0 && (
        <ul class="plain">
          {links.map((link) => (
            <li key={`${link.association} ${link.target}`}>
              <OutcomeMark outcome={link.status} /> <Link link={{ ...link, labels: null }} />
              {link.errorMessage !== null && (
                <span class="why">
                  {' '}
                  <Value text={link.errorMessage} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

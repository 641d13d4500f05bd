import { useEffect, useMemo, useState } from 'preact/hooks'
import { filterChanges, wordsIn } from '../filter-changes.ts'
import { Empty, Heading, KeptValues } from '../parts.tsx'
import { hrefTo } from '../route.ts'
import type { ViewProps } from '../view-props.ts'
import { countOf, momentOf, numberOf } from '../words.ts'
import { ChangesTable } from './changes-table.tsx'
import { Chip, Choice, SearchField } from './filters.tsx'

const keys = ['q', 'sync', 'run', 'outcome', 'operation', 'problem', 'request'] as const

/** Every change, searchable; the filters are in the address. */
export function ChangesView({ facts, route, replaceQuery }: ViewProps) {
  const { payload } = facts
  const asked = useMemo(
    () => Object.fromEntries(keys.map((key) => [key, route.query.get(key) ?? undefined])),
    [route],
  )
  const [text, setText] = useState(asked['q'] ?? '')
  const typed = useDelayed(text, 120)
  const set = (key: string, value: string | undefined) => replaceQuery({ ...asked, [key]: value })
  // What is typed goes to the address, and not the other way.
  useEffect(() => {
    if (typed !== (asked['q'] ?? '')) set('q', typed)
  }, [typed])

  const found = useMemo(
    () =>
      filterChanges(payload, {
        text: asked['q'],
        sync: asked['sync'],
        runId: asked['run'],
        outcome: asked['outcome'],
        operation: asked['operation'],
        problem: asked['problem'] === undefined ? undefined : Number(asked['problem']),
        requestId: asked['request'],
      }),
    [payload, asked],
  )
  const words = useMemo(
    () => ({
      outcomes: wordsIn(payload.changes.outcome),
      operations: wordsIn(payload.changes.operation),
    }),
    [payload],
  )
  const all = payload.changes.length
  const run = payload.runs[facts.runIndex.get(asked['run'] ?? '') ?? -1]
  const problem = payload.problems[Number(asked['problem'] ?? -1)]
  return (
    <>
      <Heading title="Changes">
        {found.length === all
          ? countOf(all, 'change')
          : `${numberOf(found.length)} of ${countOf(all, 'change')}`}
        , newest run first
      </Heading>
      <KeptValues payload={payload} />
      <search class="filters">
        <SearchField
          label="Row id, record id, property or value"
          value={text}
          onInput={setText}
          hint="lifecyclestage=customer"
        />
        <Choice
          label="Sync"
          value={asked['sync']}
          words={payload.syncs.map(({ name }) => name)}
          onChange={(value) => set('sync', value)}
        />
        <Choice
          label="Operation"
          value={asked['operation']}
          words={words.operations}
          onChange={(value) => set('operation', value)}
        />
        <Choice
          label="Outcome"
          value={asked['outcome']}
          words={words.outcomes}
          onChange={(value) => set('outcome', value)}
        />
        {asked['run'] !== undefined && (
          <Chip onClear={() => set('run', undefined)}>
            run {run === undefined ? asked['run'] : `of ${momentOf(run.startedAt)}`}
          </Chip>
        )}
        {asked['problem'] !== undefined && (
          <Chip onClear={() => set('problem', undefined)}>
            problem {problem?.category ?? asked['problem']}
          </Chip>
        )}
        {asked['request'] !== undefined && (
          <Chip onClear={() => set('request', undefined)}>request {asked['request']}</Chip>
        )}
      </search>
      {all === 0 ? (
        <Empty title="No run has changed anything since this report begins.">
          Run <code>backhaul run</code>, or make a report that begins earlier.
        </Empty>
      ) : found.length === 0 ? (
        <Empty title="No change matches.">
          Search for less, or{' '}
          <a href={hrefTo(['changes'])} onClick={() => setText('')}>
            take all filters off
          </a>
          .
        </Empty>
      ) : (
        <ChangesTable facts={facts} indexes={found} label="Changes" />
      )}
    </>
  )
}

/** A value that follows another when it has stood still for a moment. */
function useDelayed(value: string, ms: number): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}

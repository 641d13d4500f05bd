import { useEffect, useRef, useState } from 'preact/hooks'
import type { LiveCalls, LiveEvent, LiveRequest, ServedChange, ServedProgress } from '../live.ts'
import { type PagePayload, readPayload } from '../payload-lines.ts'

/** What a served page knows beyond its payload. */
export interface Live {
  /** `off`: the page is a file, or nobody serves it. */
  readonly state: 'off' | 'connected' | 'lost'
  /** Where each sync that is under way stands. */
  readonly progress: ReadonlyMap<string, ServedProgress>
  /** The API calls of the last minutes, about one entry a second. */
  readonly calls: readonly LiveCalls[]
  /** The latest that failed, newest first. */
  readonly failed: readonly LiveRequest[]
  /** For those who do not see it; at most one a few seconds. */
  readonly announcement: string
}

const ended = new Set(['succeeded', 'partial', 'failed', 'aborted', 'guarded', 'held'])
const announceEveryMs = 5000
const keptCalls = 600
const keptFailures = 8

const nothing: Live = {
  state: 'off',
  progress: new Map(),
  calls: [],
  failed: [],
  announcement: '',
}

/** Where the page was served from: what is put behind the addresses of the server, or undefined for a file. */
export function liveQuery(): string | undefined {
  return document.getElementById('payload')?.dataset['live']
}

/** Follows the server of `report --serve`; a file has none. */
export function useLive(generatedAt: string, onPayload: (payload: PagePayload) => void): Live {
  const shown = useRef(generatedAt)
  shown.current = generatedAt
  const [live, setLive] = useState<Live>(nothing)
  useEffect(() => {
    const query = liveQuery()
    if (query === undefined) return
    const events = new EventSource(`events${query}`)
    let announcedAt = -announceEveryMs
    const announce = (text: string, isUrgent: boolean): Partial<Live> => {
      if (!isUrgent && performance.now() - announcedAt < announceEveryMs) return {}
      announcedAt = performance.now()
      return { announcement: text }
    }
    events.addEventListener('open', () => setLive((old) => ({ ...old, state: 'connected' })))
    events.addEventListener('error', () => setLive((old) => ({ ...old, state: 'lost' })))
    events.addEventListener('progress', (event) => {
      const told = parse<ServedProgress>(event)
      if (told === undefined) return
      const isEnd = ended.has(told.status)
      setLive((old) => {
        const progress = new Map(old.progress)
        if (isEnd) progress.delete(told.sync)
        else progress.set(told.sync, told)
        return { ...old, progress, ...announce(progressText(told), isEnd) }
      })
    })
    events.addEventListener('live', (event) => {
      const told = parse<LiveEvent>(event)
      if (told !== undefined) setLive((old) => ({ ...old, ...callsAfter(old, told) }))
    })
    let isFetching = false
    let isStale = false
    // Several may come while one is fetched: one more fetch is enough for all of them.
    const load = async () => {
      isStale = true
      if (isFetching) return
      isFetching = true
      try {
        while (isStale) {
          isStale = false
          const response = await fetch(`payload.ndjson${query}`)
          const payload = response.ok ? readPayload(await response.text()) : undefined
          if (payload !== undefined) onPayload(payload)
        }
      } catch {
        setLive((old) => ({ ...old, state: 'lost' }))
      } finally {
        isFetching = false
      }
    }
    events.addEventListener('changed', (event) => {
      // Whoever connects is told of the last change, which it may have.
      if (parse<ServedChange>(event)?.generatedAt !== shown.current) void load()
    })
    return () => events.close()
  }, [onPayload])
  return live
}

function callsAfter({ calls, failed }: Live, told: LiveEvent): Partial<Live> {
  if (told.type === 'run-started') return { calls: [], failed: [] }
  if (told.type === 'calls') return { calls: [...calls, told].slice(-keptCalls) }
  if (told.type === 'request' && told.category !== null)
    return { failed: [told, ...failed].slice(0, keptFailures) }
  return {}
}

export function progressText({ sync, status, done, total, rejected }: ServedProgress): string {
  if (ended.has(status)) return `${sync} ${status}`
  const sent = done === null ? 'under way' : `${done.toLocaleString('en-US')} sent`
  const of = done === null || total === null ? '' : ` of ${total.toLocaleString('en-US')}`
  return `${sync}: ${sent}${of}${rejected > 0 ? `, ${rejected.toLocaleString('en-US')} rejected` : ''}`
}

function parse<T>(event: Event): T | undefined {
  try {
    return JSON.parse((event as MessageEvent<string>).data) as T
  } catch {
    return undefined
  }
}

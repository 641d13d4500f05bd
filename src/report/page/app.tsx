import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { PagePayload } from '../payload-lines.ts'
import { factsOf } from './facts.ts'
import { type Live, useLive } from './live.ts'
import { Empty, Heading, Moment } from './parts.tsx'
import { hrefTo, parseRoute, type View } from './route.ts'
import { nextTheme, useThemeChoice } from './theme.ts'
import type { ViewProps } from './view-props.ts'
import { ChangesView } from './views/changes.tsx'
import { OverviewView } from './views/overview.tsx'
import { ProblemsView } from './views/problems.tsx'
import { RequestView } from './views/request.tsx'
import { RequestsView } from './views/requests.tsx'
import { RowView } from './views/row.tsx'
import { RunView } from './views/run.tsx'
import { RunsView } from './views/runs.tsx'
import { SyncView } from './views/sync.tsx'
import { SyncsView } from './views/syncs.tsx'
import { numberOf } from './words.ts'

const navigation: readonly (readonly [view: View, name: string, also: readonly View[]])[] = [
  ['overview', 'Overview', []],
  ['runs', 'Runs', ['run']],
  ['syncs', 'Syncs', ['sync']],
  ['changes', 'Changes', ['row']],
  ['problems', 'Problems', []],
  ['requests', 'Requests', ['request']],
]

export function App({ first }: { first: PagePayload }) {
  const [payload, setPayload] = useState(first)
  const facts = useMemo(() => factsOf(payload), [payload])
  const onPayload = useCallback((next: PagePayload) => setPayload(next), [])
  const live = useLive(payload.generatedAt, onPayload)
  const [hash, setHash] = useState(location.hash)
  const route = useMemo(() => parseRoute(hash), [hash])
  const main = useRef<HTMLElement>(null)
  const place = [route.view, ...route.parts].join('/')
  const isFirst = useRef(true)

  useEffect(() => {
    const follow = () => setHash(location.hash)
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  // Another place is what this is about.
  useLayoutEffect(() => {
    const heading = main.current?.querySelector('h1')
    document.title = `${heading?.textContent ?? 'Report'} · Backhaul`
    if (!isFirst.current) {
      scrollTo(0, 0)
      heading?.focus({ preventScroll: true })
    }
    isFirst.current = false
  }, [place])
  useSlash()

  const replaceQuery = useCallback<ViewProps['replaceQuery']>((query) => {
    const { view, parts } = parseRoute(location.hash)
    const next = hrefTo([view ?? 'overview', ...parts], query)
    history.replaceState(null, '', next)
    setHash(next)
  }, [])

  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        Skip to the content
      </a>
      <Top facts={facts} route={route} live={live} />
      <main ref={main} id="main" tabIndex={-1}>
        {payload.note !== null && <p class="note banner">{payload.note}</p>}
        <Page facts={facts} route={route} live={live} replaceQuery={replaceQuery} />
      </main>
      <footer>
        Backhaul {payload.backhaulVersion} · times are in UTC · runs since{' '}
        <Moment at={payload.since} />
        <Cut payload={payload} />
      </footer>
      <div class="unread" role="status" aria-live="polite">
        {live.announcement}
      </div>
    </>
  )
}

function Page(props: ViewProps) {
  switch (props.route.view) {
    case 'overview':
      return <OverviewView {...props} />
    case 'runs':
      return <RunsView {...props} />
    case 'run':
      return <RunView {...props} />
    case 'syncs':
      return <SyncsView {...props} />
    case 'sync':
      return <SyncView {...props} />
    case 'changes':
      return <ChangesView {...props} />
    case 'problems':
      return <ProblemsView {...props} />
    case 'requests':
      return <RequestsView {...props} />
    case 'request':
      return <RequestView {...props} />
    case 'row':
      return <RowView {...props} />
    case null:
      return (
        <>
          <Heading title="No such page" />
          <Empty title="This report has no page of that name.">
            The address may have been cut. <a href={hrefTo([])}>Go to the overview</a>.
          </Empty>
        </>
      )
  }
}

function Top({ facts, route, live }: Pick<ViewProps, 'facts' | 'route' | 'live'>) {
  const { payload } = facts
  const [theme, setTheme] = useThemeChoice()
  return (
    <header class="top">
      <div class="bar-of-top">
        <a class="name" href={hrefTo([])}>
          Backhaul
        </a>
        <p class="where">
          <b>{payload.targetName}</b> <span class="quiet">on</span> {payload.warehouse}
          {payload.portalId !== null && (
            <>
              {' '}
              <span class="quiet">to HubSpot</span> {payload.portalId}
            </>
          )}
        </p>
        <p class="as-of">
          <LiveMark live={live} />
          <span>
            <span class="quiet">as of</span> <Moment at={payload.generatedAt} />
          </span>
        </p>
        <button
          type="button"
          class="theme"
          onClick={() => setTheme(nextTheme(theme))}
          aria-label={`Colours: ${theme}. Switch to ${nextTheme(theme)}`}
        >
          {theme}
        </button>
      </div>
      <nav aria-label="Report">
        <ul>
          {navigation.map(([view, name, also]) => {
            const isHere = route.view === view || also.some((other) => other === route.view)
            return (
              <li key={view}>
                <a
                  href={hrefTo(view === 'overview' ? [] : [view])}
                  {...(isHere ? { 'aria-current': 'page' as const } : {})}
                >
                  {name}
                  {view === 'problems' && payload.problems.length > 0 && (
                    <span class="badge">{numberOf(payload.problems.length)}</span>
                  )}
                </a>
              </li>
            )
          })}
        </ul>
      </nav>
    </header>
  )
}

function LiveMark({ live }: { live: Live }) {
  if (live.state === 'off') return null
  return (
    <span class={`mark ${live.state === 'connected' ? 'busy' : 'warn'}`}>
      {live.state === 'connected' ? 'live' : 'no connection: is `report --serve` still running?'}
    </span>
  )
}

function Cut({ payload: { totals, runs, changes, requests } }: { payload: PagePayload }) {
  const cut = [
    ['runs', runs.length, totals.runs],
    ['changes', changes.length, totals.changes],
    ['requests', requests.length, totals.requests],
  ] as const
  const missing = cut.filter(([, shown, all]) => shown < all)
  if (missing.length === 0) return null
  return (
    <>
      {' · '}
      {missing
        .map(([name, shown, all]) => `${numberOf(shown)} of ${numberOf(all)} ${name}`)
        .join(', ')}
      , the newest; the audit tables have the rest
    </>
  )
}

/** `/` goes to the search field of the page, and where it has none to that of the changes. */
function useSlash(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      const isTyping = target.matches?.('input, select, textarea')
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      const focus = () => document.querySelector<HTMLElement>('main input[type="search"]')?.focus()
      if (document.querySelector('main input[type="search"]') === null) {
        location.hash = hrefTo(['changes'])
        // The page is drawn after the event that tells of the new address.
        addEventListener('hashchange', () => setTimeout(focus, 50), { once: true })
      } else focus()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}

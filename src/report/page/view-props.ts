import type { Facts } from './facts.ts'
import type { Live } from './live.ts'
import type { Route } from './route.ts'

/** What every view is given. */
export interface ViewProps {
  readonly facts: Facts
  readonly route: Route
  readonly live: Live
  /** Puts another query in the address, without a step back to the old one. */
  readonly replaceQuery: (query: Readonly<Record<string, string | null | undefined>>) => void
}

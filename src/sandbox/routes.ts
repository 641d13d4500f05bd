import { ACCOUNT_ROUTES } from './routes/account-routes.ts'
import { DEFINITION_ROUTES } from './routes/definition-routes.ts'
import { EVENT_ROUTES } from './routes/event-routes.ts'
import { LINK_ROUTES } from './routes/link-routes.ts'
import { LIST_ROUTES } from './routes/list-routes.ts'
import { RECORD_ROUTES } from './routes/record-routes.ts'
import type { Route } from './routes/route.ts'

/** Every endpoint of the sandbox. */
export const ROUTES: readonly Route[] = [
  ...RECORD_ROUTES,
  ...LINK_ROUTES,
  ...DEFINITION_ROUTES,
  ...EVENT_ROUTES,
  ...LIST_ROUTES,
  ...ACCOUNT_ROUTES,
]

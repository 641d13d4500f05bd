import type { HubspotDestination } from '../../destination/hubspot/open.ts'
import type { ObjectSchema } from '../../types.ts'
import type { TableRow } from '../render/render-table.ts'
import type { Session } from '../session.ts'

/** What is to be shown: a document for machines, tables for people. */
export interface View {
  readonly document: Readonly<Record<string, unknown>>
  readonly tables: readonly {
    readonly title?: string
    readonly rows: readonly TableRow[]
    readonly widest?: number
  }[]
  readonly notes?: readonly string[]
  readonly exitCode?: 0 | 1
}

/** The session with the ways to ask HubSpot. */
export interface Asking extends Session {
  readonly destination: HubspotDestination
  readonly ask: <T>(question: () => Promise<T>) => Promise<T>
  readonly describe: (object: string) => Promise<ObjectSchema>
}

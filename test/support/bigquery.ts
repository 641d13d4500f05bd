import { inject } from 'vitest'
import { connect } from '../../src/warehouse/bigquery/connect.ts'
import type { Connection } from '../../src/warehouse/warehouse.ts'
import type { Account } from './account.ts'
import type {} from './bigquery-server.ts'
import { quietOptions } from './schemas.ts'

/** The project of all test datasets. */
export const bigqueryProject = 'backhaul-test'

/** Why there is no BigQuery in this run, or undefined when there is. For `describe.skipIf`. */
export function whyNoBigquery(): string | undefined {
  const bigquery = inject('bigquery')
  return bigquery.available ? undefined : `no BigQuery: ${bigquery.reason}`
}

/** The server's address. */
export function bigqueryUrl(): string {
  const bigquery = inject('bigquery')
  if (!bigquery.available) throw new Error(`no BigQuery: ${bigquery.reason}`)
  return bigquery.url
}

/** The keys of a dbt-bigquery profile for the server under test. */
const bigquerySettings = (dataset: string): Readonly<Record<string, unknown>> => ({
  method: 'oauth-secrets',
  token: 'token-of-a-test',
  project: bigqueryProject,
  dataset,
  api_endpoint: bigqueryUrl(),
})

/** The server, as tests that run on every engine see it. */
export const bigqueryAccount = (): Account => ({
  settings: bigquerySettings('none'),
  prefix: 't_',
})

type Rows = readonly Record<string, unknown>[]

/** Runs a statement; bare names in it are those of the dataset. */
export type QueryDataset = (dataset: string, query: string) => Promise<Rows>

/**
 * Speaks to BigQuery as dbt would, from outside of any session of Backhaul's.
 *
 * @param connection of a dataset that exists
 */
export function queriesOf(connection: Connection): QueryDataset {
  const begin = async () => {
    const { client, place } = await connect(connection, quietOptions())
    const { project: projectId } = place
    const own = String(connection.settings['dataset'])
    const [{ location }] = await client.dataset(own, { projectId }).getMetadata()
    return { client, projectId, location }
  }
  let session: ReturnType<typeof begin> | undefined
  return async (datasetId, query) => {
    session ??= begin()
    const { client, projectId, location } = await session
    const defaultDataset = { projectId, datasetId }
    const [job] = await client.createQueryJob({ query, defaultDataset, location })
    const [rows] = await job.getQueryResults()
    return rows as Rows
  }
}

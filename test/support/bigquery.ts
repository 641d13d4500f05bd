import { randomBytes } from 'node:crypto'
import { BigQuery } from '@google-cloud/bigquery'
import { OAuth2Client } from 'google-auth-library'
import { inject } from 'vitest'
import type {} from './bigquery-server.ts'

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
export const bigquerySettings = (dataset: string): Readonly<Record<string, unknown>> => ({
  method: 'oauth-secrets',
  token: 'token-of-a-test',
  project: bigqueryProject,
  dataset,
  api_endpoint: bigqueryUrl(),
})

type Rows = readonly Record<string, unknown>[]

/** Two datasets that only one test uses: the models', and Backhaul's. */
export interface TestDataset {
  readonly name: string
  readonly own: string
  /** Runs a statement as dbt would: bare names are the models'. */
  query(statement: string): Promise<Rows>
  /** Runs a query whose bare names are all Backhaul's, or all the models'. */
  read(query: string): Promise<Rows>
  drop(): Promise<void>
}

/** Creates datasets; the caller drops them. */
export async function createDataset(): Promise<TestDataset> {
  // Without a token the client looks for credentials of the machine.
  const authClient = new OAuth2Client()
  authClient.setCredentials({ access_token: 'token-of-a-test', expiry_date: 8_640_000_000_000_000 })
  const client = new BigQuery({
    projectId: bigqueryProject,
    apiEndpoint: bigqueryUrl(),
    authClient,
  })
  const name = `t_${randomBytes(6).toString('hex')}`
  const own = `${name}_backhaul`
  await client.createDataset(name)
  const run = async (dataset: string, query: string): Promise<Rows> => {
    const defaultDataset = { projectId: bigqueryProject, datasetId: dataset }
    const [job] = await client.createQueryJob({ query, defaultDataset })
    const [rows] = await job.getQueryResults()
    return rows as Rows
  }
  return {
    name,
    own,
    query: (statement) => run(name, statement),
    read: (query) =>
      run(own, query).catch((error: Error) => {
        if (!/^Not found/.test(error.message)) throw error
        return run(name, query)
      }),
    async drop() {
      for (const dataset of [name, own]) {
        await client.dataset(dataset).delete({ force: true }).catch(ignoreAbsent)
      }
    },
  }
}

function ignoreAbsent(error: unknown): void {
  if ((error as { code?: number }).code !== 404) throw error
}

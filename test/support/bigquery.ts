import { inject } from 'vitest'
import type {} from './bigquery-server.ts'

/** The project of all test datasets. */
export const bigqueryProject = 'backhaul-test'

/** Why there is no BigQuery in this run, or undefined when there is. For `describe.skipIf`. */
export function whyNoBigquery(): string | undefined {
  const bigquery = inject('bigquery')
  return bigquery.available ? undefined : `no BigQuery: ${bigquery.reason}`
}

/** The keys of a dbt-bigquery profile for the server under test. */
export function bigquerySettings(dataset: string): Readonly<Record<string, unknown>> {
  const bigquery = inject('bigquery')
  if (!bigquery.available) throw new Error(`no BigQuery: ${bigquery.reason}`)
  return {
    method: 'oauth-secrets',
    token: 'token-of-a-test',
    project: bigqueryProject,
    dataset,
    api_endpoint: bigquery.url,
  }
}

import type { ServedEngine, Settings } from '../support/schemas.ts'

/** What a user should know of a run beforehand, by engine. */
export interface EngineFacts {
  /** What the engine calls it. */
  readonly schema: 'schema' | 'dataset'
  /** Statements of a whole run; measured at the servers of the tests. */
  readonly statements: number
  /** How long a whole run may take. */
  readonly duration: string
  readonly cost: string
  /** What an owner runs so that the login can do it. */
  readonly grant: (settings: Settings) => string
  /** The npm package that speaks to it. */
  readonly driver: string
  /** A query for its version, where it says one. */
  readonly versionQuery?: string
}

const named = (settings: Settings, ...keys: readonly string[]) =>
  String(keys.map((key) => settings[key]).find((value) => value !== undefined) ?? `<${keys[0]}>`)

export const engineFacts: Readonly<Record<ServedEngine, EngineFacts>> = {
  postgres: {
    schema: 'schema',
    statements: 5700,
    duration: 'two minutes on a server nearby',
    cost: 'some 100 MB of disk',
    grant: (settings) =>
      `grant connect, create, temporary on database "${named(settings, 'dbname', 'database')}" to "${named(settings, 'role', 'user')}";`,
    driver: 'pg',
    versionQuery: 'show server_version',
  },
  snowflake: {
    schema: 'schema',
    statements: 3700,
    duration: 'half an hour',
    cost: 'an XS warehouse that long (about half a credit)',
    grant: (settings) => {
      const role = named(settings, 'role')
      return `grant usage, create schema on database ${named(settings, 'database', 'dbname')} to role ${role};
grant usage on warehouse ${named(settings, 'warehouse')} to role ${role};`
    },
    driver: 'snowflake-sdk',
    versionQuery: 'select current_version() as version',
  },
  bigquery: {
    schema: 'dataset',
    statements: 2700,
    duration: 'an hour and a half',
    cost: 'at most 60 GB billed (40 US cents)',
    grant: (settings) =>
      `gcloud projects add-iam-policy-binding ${named(settings, 'project', 'database')} --role=roles/bigquery.user --member='serviceAccount:<account of the profile>'`,
    driver: '@google-cloud/bigquery',
  },
}

import snowflake, {
  type Binds,
  type ConnectionOptions,
  type RowStatement,
  type Connection as SdkConnection,
} from 'snowflake-sdk'

export type { ConnectionOptions, RowStatement, SdkConnection }

const silent = () => undefined

/**
 * The SDK otherwise writes `snowflake.log` into the working directory and speaks on the console. What matters comes back as an error.
 */
snowflake.configure({
  logLevel: 'OFF',
  customLogger: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
})

/**
 * What a connection of ours has beyond the profile. A request without an answer is sent again by the SDK, seven times within two
 * minutes, and no option changes that. It does no harm: a repeat has the same request id, and the server answers with the result of
 * the first.
 */
const ownOptions: ConnectionOptions & Readonly<Record<string, unknown>> = {
  application: 'Backhaul',
  // Objects per row cost three times as much.
  rowMode: 'array',
  streamResult: true,
  // Numbers as text lose no digits; semi-structured values stay as they came.
  fetchAsString: ['Number', 'JSON'],
  representNullAsStringNull: false,
  rowStreamHighWaterMark: 2000,
  // Retrying a login is ours, as dbt's `connect_retries` says.
  sfRetryMaxLoginRetries: 0,
}

/** Logs in. `insecure_mode` of the profile switches the check of revoked certificates off, for the whole process. */
export async function openConnection(
  options: ConnectionOptions,
  isInsecure: boolean,
): Promise<SdkConnection> {
  if (isInsecure) snowflake.configure({ disableOCSPChecks: true })
  const connection = snowflake.createConnection({ ...ownOptions, ...options })
  await new Promise<void>((resolve, reject) => {
    // The SDK says null for no error.
    connection.connect((error) => (error ? reject(error) : resolve()))
  })
  return connection
}

export function closeConnection(connection: SdkConnection): Promise<void> {
  return new Promise((resolve) => connection.destroy(() => resolve()))
}

interface Request {
  readonly sql: string
  readonly binds?: Binds
  /** Query tag of this statement instead of the session's: no statement is needed to change it. */
  readonly tag?: string
  /** Only says which columns the result would have; needs no warehouse. */
  readonly describeOnly?: boolean
}

/** A statement that was sent; `result` resolves when the engine has run it. */
export interface Sent {
  readonly result: Promise<RowStatement>
  cancel(): void
}

export function send(connection: SdkConnection, request: Request): Sent {
  let statement: RowStatement | undefined
  const result = new Promise<RowStatement>((resolve, reject) => {
    statement = connection.execute({
      sqlText: request.sql,
      ...(request.binds === undefined || request.binds.length === 0
        ? {}
        : { binds: request.binds }),
      ...(request.tag === undefined ? {} : { parameters: { QUERY_TAG: request.tag } }),
      ...(request.describeOnly === undefined ? {} : { describeOnly: request.describeOnly }),
      complete: (error, done) => (error ? reject(error) : resolve(done)),
    })
  })
  return { result, cancel: () => statement?.cancel(silent) }
}

/** Cells of one row, in the order of the columns. */
export type Cells = readonly unknown[]

/** All rows of a small result. */
export async function readAll(statement: RowStatement): Promise<readonly Cells[]> {
  const rows: Cells[] = []
  for await (const row of statement.streamRows()) rows.push(row as Cells)
  return rows
}

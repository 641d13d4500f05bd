import { type Disposition, WarehouseError } from '../../errors.ts'
import { quoteStandard } from '../knex-compiler.ts'

/** What `pg` and Node put on errors. */
interface Facts {
  readonly code?: string
  readonly message: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
  readonly severity?: string
}

/** Classes of SQLSTATE whose messages speak of names, rights and limits. All others may quote a value. */
const classesWithoutValues = /^(08|0A|25|26|28|34|3D|3F|40|42|53|54|55|57|58)/

const transientStates = /^(08|53|57P0|40001|40P01|55P03)/
const transientSystemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
])

const isSqlState = (code: string | undefined): code is string =>
  code !== undefined && /^[0-9A-Z]{5}$/.test(code) && /[0-9]/.test(code)

/** Messages of `pg` itself when the connection is gone or never came up. */
const lostConnection = /connection terminated|timeout expired|not queryable|connection ended/i

function dispositionOf(facts: Facts): Disposition {
  if (isSqlState(facts.code)) return transientStates.test(facts.code) ? 'transient' : 'terminal'
  if (facts.code !== undefined && transientSystemCodes.has(facts.code)) return 'transient'
  return lostConnection.test(facts.message) ? 'transient' : 'terminal'
}

function detailOf(facts: Facts): string {
  if (!isSqlState(facts.code)) return facts.message || (facts.code ?? 'unknown error')
  if (classesWithoutValues.test(facts.code)) return facts.message
  const where = [
    facts.table && `table ${facts.table}`,
    facts.column && `column ${facts.column}`,
    facts.constraint && `constraint ${facts.constraint}`,
  ].filter(Boolean)
  return [`SQLSTATE ${facts.code}`, ...where].join(', ')
}

/** Statements that let a role read all models of a schema. */
const grantReading = (schema: string, role: string): string =>
  `grant usage on schema ${schema} to ${role}; grant select on all tables in schema ${schema} to ${role};`

/** The schema that a statement names for a table, as it is written there, and whether the statement writes to that table. */
function useOf(table: string, sql: string): { schema: string; isWritten: boolean } | undefined {
  const name = table.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const found = new RegExp(`("(?:[^"]|"")+"|\\w+)\\.(?:"${name}"|${name}\\b)`).exec(sql)
  if (found?.[1] === undefined) return undefined
  const before = sql.slice(0, found.index)
  const isWritten = /^\s*(insert into|update|delete from|merge into|copy)\s+$/i.test(before)
  return { schema: found[1], isWritten }
}

/** The statements that grant what a "permission denied" message misses. */
function grantFor(message: string, role: string, sql: string): string | undefined {
  if (/permission denied to create temporary tables/.test(message)) {
    const database = /in database "?([^"]+)"?$/.exec(message)?.[1] ?? '…'
    return `grant temporary on database ${quoteStandard(database)} to ${role};`
  }
  const match = /permission denied for (\w+(?: \w+)?) (\S+)$/.exec(message)
  const name = match?.[2] ?? ''
  switch (match?.[1]) {
    case 'database':
      return `grant create on database ${quoteStandard(name)} to ${role};`
    case 'schema':
      return grantReading(quoteStandard(name), role)
    case 'table':
    case 'view':
    case 'materialized view': {
      const use = useOf(name, sql)
      if (use === undefined) return `grant select on ${quoteStandard(name)} to ${role};`
      return use.isWritten ? grantWriting(use.schema, role) : grantReading(use.schema, role)
    }
    default:
      return undefined
  }
}

const grantWriting = (schema: string, role: string): string =>
  `grant select, insert, update, delete on all tables in schema ${schema} to ${role};`

/** What an owner has to run so that the session may work in a schema of ours; undefined when no right is missing. */
export function ownSchemaHint(
  code: string | undefined,
  place: Place,
  schema: string,
  isThere: boolean,
): string | undefined {
  if (code !== missingRight) return undefined
  const [name, role] = [quoteStandard(schema), roleOf(place)]
  return isThere
    ? `Ask the owner of the schema to run: grant usage, create on schema ${name} to ${role}; ${grantWriting(name, role)}`
    : `Ask an owner of the database to run: create schema ${name} authorization ${role};`
}

/** Where the session connects to, for messages. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** The role that the session takes on, when the profile names one. */
  readonly role?: string | undefined
}

const roleOf = ({ role, user }: Place): string => quoteStandard(role ?? user)

/** insufficient_privilege */
const missingRight = '42501'
/** disk_full */
const fullDisk = '53100'
/** read_only_sql_transaction: a standby, or a session that is set so. */
const readOnlyServer = '25006'

function hintOf(facts: Facts, place: Place, sql = ''): string | undefined {
  const { code, message } = facts
  if (code === 'ECONNREFUSED' || code === 'ENOENT') {
    return `Nothing listens at ${place.host}, port ${place.port}: check host and port in profiles.yml, and that the server runs.`
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `The host name ${place.host} does not resolve: check host in profiles.yml.`
  }
  if (/does not support SSL/i.test(message)) {
    return 'The server speaks no TLS: set `sslmode: disable` (or prefer) in profiles.yml.'
  }
  const role = /^role "(.+)" does not exist$/.exec(message)?.[1]
  if (role !== undefined) {
    return `The server knows no role ${role}: check user${place.role === undefined ? '' : ' and role'} in profiles.yml, or have an owner run: create role ${quoteStandard(role)} login password 'choose one';`
  }
  if (code === '28P01' || /password must be a string|no password supplied/i.test(message)) {
    return `The server refuses the password of ${place.user}: check user and password in profiles.yml.`
  }
  if (code === '28000') {
    return /no encryption|SSL off/i.test(message)
      ? 'The server demands TLS: set `sslmode: require` in profiles.yml.'
      : `The server does not let ${place.user} in from here: check its pg_hba.conf.`
  }
  if (code === '3D000') {
    return `The database ${place.database} does not exist there: check dbname in profiles.yml.`
  }
  if (code === fullDisk) {
    return 'The disk of the server is full: have room made there, and run again. Nothing that was recorded is lost.'
  }
  if (code === missingRight) {
    const grant = grantFor(message, roleOf(place), sql)
    return grant === undefined
      ? `${place.role ?? place.user} lacks a right for this.`
      : `Ask an owner to run: ${grant}`
  }
  if (/self[- ]signed|unable to verify|unable to get|certificate/i.test(message)) {
    return 'The certificate of the server is not trusted: set `sslrootcert:` to its authority, or lower `sslmode:`.'
  }
  return undefined
}

/** Wraps what the SDK threw. Neither message nor cause holds a value. */
export function postgresError(
  error: unknown,
  action: string,
  place: Place,
  sql?: string,
): WarehouseError {
  if (error instanceof WarehouseError) return error
  const facts: Facts =
    error instanceof Error ? (error as Error & Facts) : { message: String(error) }
  const isQuiet = isSqlState(facts.code) && !classesWithoutValues.test(facts.code)
  return new WarehouseError({
    action,
    detail: detailOf(facts),
    disposition: dispositionOf(facts),
    code: facts.code,
    hint: hintOf(facts, place, sql),
    isMissingRight: facts.code === missingRight || facts.code === readOnlyServer,
    sql,
    ...(isQuiet ? {} : { cause: error }),
  })
}

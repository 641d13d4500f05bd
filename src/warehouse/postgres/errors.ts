import { type Disposition, WarehouseError } from '../../errors.ts'

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

/** The statement that grants what a "permission denied" message misses. */
function grantFor(message: string, user: string): string | undefined {
  const match = /permission denied (?:for|to) (\w+(?: \w+)?) (\S+)$/.exec(message)
  const name = match?.[2]
  switch (match?.[1]) {
    case 'database':
      return `grant create on database ${name} to "${user}";`
    case 'schema':
      return `grant usage, create on schema ${name} to "${user}";`
    case 'table':
    case 'view':
    case 'materialized view':
      return `grant select on ${name} to "${user}";  (and insert, update, delete where the table is Backhaul's)`
    default:
      return undefined
  }
}

/** Where the session connects to, for messages. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

function hintOf(facts: Facts, place: Place): string | undefined {
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
  if (code === '42501') {
    const grant = grantFor(message, place.user)
    return grant === undefined
      ? `${place.user} lacks a right for this.`
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
    hint: hintOf(facts, place),
    sql,
    ...(isQuiet ? {} : { cause: error }),
  })
}

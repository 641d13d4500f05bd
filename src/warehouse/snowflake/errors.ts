import { type Disposition, WarehouseError } from '../../errors.ts'

/** Where the session connects to, and as whom, for messages. */
export interface Place {
  readonly account: string
  readonly host: string
  readonly user: string | undefined
  readonly role: string | undefined
  readonly warehouse: string | undefined
  readonly database: string
  readonly schema: string
}

/** What the SDK puts on errors. */
interface Facts {
  readonly name?: string
  readonly message: string
  readonly code?: string | number
  readonly sqlState?: string
  readonly data?: { readonly queryId?: string; readonly errorCode?: string }
  readonly cause?: unknown
}

interface Rule {
  /** Snowflake's error codes, and the SDK's own (40xxxx). */
  readonly codes: readonly string[]
  /** Of action and message, where one code stands for several things. */
  readonly message?: RegExp
  readonly disposition: Disposition
  readonly hint?: (place: Place, message: string, sql: string) => string
  readonly isMissingRight?: true
}

const login = (what: string) => (place: Place) =>
  `${what} Check account (${place.account}), user and credentials in profiles.yml.`

/** The statement that gives what a message about privileges misses. */
function grantFor(place: Place, message: string, sql: string): string {
  const [, kind, name] =
    /Insufficient privileges to operate on (\w+) '([^']+)'/i.exec(message) ?? []
  const role = place.role ?? '<role>'
  if (kind === undefined || name === undefined) return `The role ${role} lacks a right for this.`
  const right = {
    database: 'usage',
    schema: 'usage, create table',
    warehouse: 'usage',
    table: writes(sql, name) ? 'select, insert, update, delete' : 'select',
    view: 'select',
  }[kind.toLowerCase()]
  return right === undefined
    ? `The role ${role} lacks a right on ${kind} ${name}.`
    : `Ask an owner to run: grant ${right} on ${kind.toLowerCase()} ${name} to role ${role};`
}

/** True when the statement writes to the table of this name. */
function writes(sql: string, table: string): boolean {
  const target = /^\s*(?:insert into|update|delete from|merge into)\s+(\S+)/i.exec(sql)?.[1] ?? ''
  const bare = (name: string) => name.replaceAll('"', '').split('.').at(-1)?.toUpperCase()
  return bare(target) === bare(table)
}

const warehouseHint = (place: Place) =>
  place.warehouse === undefined
    ? 'Set `warehouse:` in profiles.yml.'
    : `Check that warehouse ${place.warehouse} exists, that ${place.role ?? 'the role'} has USAGE on it, and that it may resume (\`alter warehouse ${place.warehouse} resume;\`, AUTO_RESUME, its resource monitor).`

/** The first rule that matches decides; what no rule knows is terminal. */
const rules: readonly Rule[] = [
  {
    codes: ['390100', '390101', '390102', '390144', '390133', '390422', '394300', '394304'],
    disposition: 'terminal',
    hint: login('Snowflake refuses the login.'),
  },
  {
    codes: ['390303', '390318', '390195'],
    disposition: 'terminal',
    hint: () =>
      'The token is not valid, or has expired: renew `token:` in profiles.yml, or give the refresh token with oauth_client_id and oauth_client_secret.',
  },
  {
    codes: ['390189', '390186'],
    disposition: 'terminal',
    hint: (place) =>
      `Ask an administrator to run: grant role ${place.role ?? '<role>'} to user ${place.user ?? '<user>'};`,
  },
  {
    codes: ['390201'],
    disposition: 'terminal',
    hint: () => 'Check database, schema, warehouse and role in profiles.yml.',
  },
  // The session is gone for good, or the service restarts: a new session works.
  {
    codes: ['390104', '390111', '390114', '390115', '390112', '407002', '405503'],
    disposition: 'transient',
    hint: () => 'The session had expired; the next run connects anew.',
  },
  { codes: ['000606', '000607', '090073', '090109'], disposition: 'terminal', hint: warehouseHint },
  {
    codes: ['002043', '002003', '003001'],
    message: /^Using warehouse /,
    disposition: 'terminal',
    hint: warehouseHint,
  },
  { codes: ['000666', '000667', '000625', '000635'], disposition: 'transient' },
  {
    codes: ['003001', '003003', '003540', '003041'],
    disposition: 'terminal',
    hint: grantFor,
    isMissingRight: true,
  },
  {
    codes: ['002003', '002043'],
    disposition: 'terminal',
    hint: (place) =>
      `It does not exist, or ${place.role ?? 'the role'} may not see it: Snowflake does not say which. Check the name, and grant USAGE on its database and schema and SELECT on it.`,
  },
  {
    codes: ['000604'],
    disposition: 'terminal',
  },
  {
    codes: ['000630', '000622'],
    disposition: 'terminal',
    hint: (place) =>
      `Raise STATEMENT_TIMEOUT_IN_SECONDS of the user or of warehouse ${place.warehouse ?? ''}, or take a larger warehouse.`,
  },
  {
    codes: [],
    message:
      /(exceeds|exceeded|maximum).*(length|size|number of|complexity)|too (long|complex|large)/i,
    disposition: 'terminal',
    hint: () => 'The statement is larger than Snowflake takes: map fewer properties in one sync.',
  },
  { codes: ['000603'], disposition: 'transient' },
  // The SDK looks columns up in an object, and finds what every object inherits.
  {
    codes: [],
    message: /mapColumnNameToIndices/,
    disposition: 'terminal',
    hint: () =>
      "Snowflake's driver cannot read a column in small letters that is called like a member of every object in JavaScript (constructor, valueOf, …): give it another name.",
  },
]

/** Codes of statements that could not convert a value: their messages quote it. */
const quotesValue = (code: string) => /^1\d{5}$/.test(code)

/** The SDK's codes for requests that did not get through. */
const networkCodes = new Set(['401001', '401002', '402001', '402002'])

const networkCauses =
  /ECONN|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|socket hang up|network/i

function codeOf(facts: Facts): string | undefined {
  const code = facts.data?.errorCode ?? facts.code
  return code === undefined ? undefined : String(code)
}

function isNetwork(facts: Facts): boolean {
  const code = codeOf(facts)
  if (code !== undefined && networkCodes.has(code)) return true
  if (facts.name === 'NetworkError' || facts.name === 'LargeResultSetError') return true
  return code === undefined && networkCauses.test(facts.message)
}

function networkHint(place: Place, facts: Facts): string {
  const { cause } = facts
  const words = `${facts.message} ${cause instanceof Error ? cause.message : ''} ${JSON.stringify(cause ?? '')}`
  return /ENOTFOUND|EAI_AGAIN/.test(words)
    ? `The host name ${place.host} does not resolve: check account in profiles.yml.`
    : `Check that ${place.host} can be reached from here (proxy_host, proxy_port, firewall).`
}

const ruleFor = (code: string, message: string): Rule | undefined =>
  rules.find(
    (rule) =>
      (rule.codes.length === 0 || rule.codes.includes(code)) &&
      (rule.message === undefined || rule.message.test(message)),
  )

/** `SQL compilation error:\nObject …` in one line. */
const inOneLine = (message: string): string => message.replace(/\s*\n\s*/g, ' ').trim()

/** Wraps what the SDK threw. Neither message nor cause holds a value. */
export function snowflakeError(
  error: unknown,
  action: string,
  place: Place,
  sql?: string,
): WarehouseError {
  if (error instanceof WarehouseError) return error
  const facts: Facts =
    error instanceof Error ? (error as Error & Facts) : { message: String(error) }
  const code = codeOf(facts)
  const common = { action, code, queryId: facts.data?.queryId, sql }
  if (isNetwork(facts)) {
    return new WarehouseError({
      ...common,
      detail: `the connection to ${place.host} failed or was lost`,
      disposition: 'transient',
      hint: networkHint(place, facts),
    })
  }
  const rule = ruleFor(code ?? '', `${action}: ${facts.message}`)
  const isQuiet = code !== undefined && quotesValue(code)
  return new WarehouseError({
    ...common,
    detail: isQuiet
      ? `error ${code}, SQLSTATE ${facts.sqlState ?? 'unknown'}`
      : inOneLine(facts.message),
    disposition: rule?.disposition ?? 'terminal',
    hint: rule?.hint?.(place, facts.message, sql ?? ''),
    isMissingRight: rule?.isMissingRight,
    ...(isQuiet ? {} : { cause: error }),
  })
}

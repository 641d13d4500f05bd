import type { LogFields, Logger, LogLevel } from '../log.ts'

export interface LogOptions {
  readonly format: 'text' | 'json'
  readonly level: LogLevel
  readonly write: (text: string) => void
  readonly clock: () => number
  readonly invocationId: string
  /** Texts that must never be printed; each is replaced by asterisks. */
  readonly secrets: readonly string[]
}

const order: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** A logger in dbt's style: `HH:MM:SS  message` in UTC, or one JSON object per line in dbt's envelope. */
export function createLogger(options: LogOptions, base: LogFields = {}): Logger {
  const print = (level: LogLevel, message: string, fields: LogFields = {}) => {
    if (order[level] < order[options.level]) return
    const all = { ...base, ...fields }
    const line =
      options.format === 'json'
        ? jsonLine(options, level, message, all)
        : textLine(options, level, message, all)
    options.write(`${hideSecrets(line, options.secrets)}\n`)
  }
  return {
    debug: (message, fields) => print('debug', message, fields),
    info: (message, fields) => print('info', message, fields),
    warn: (message, fields) => print('warn', message, fields),
    error: (message, fields) => print('error', message, fields),
    with: (fields) => createLogger(options, { ...base, ...fields }),
  }
}

/** Replaces secrets wherever they turn up. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 4)
    .reduce((hidden, secret) => hidden.replaceAll(secret, '*****'), text)
}

function textLine(
  options: LogOptions,
  level: LogLevel,
  message: string,
  fields: LogFields,
): string {
  const time = new Date(options.clock()).toISOString().slice(11, 19)
  const word = level === 'warn' ? 'Warning: ' : level === 'error' ? 'Error: ' : ''
  const facts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
  return `${time}  ${word}${message}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`
}

const codes: Readonly<Record<LogLevel, string>> = {
  debug: 'H001',
  info: 'H002',
  warn: 'H003',
  error: 'H004',
}

function jsonLine(
  options: LogOptions,
  level: LogLevel,
  message: string,
  fields: LogFields,
): string {
  return JSON.stringify({
    data: fields,
    info: {
      category: '',
      code: codes[level],
      extra: {},
      invocation_id: options.invocationId,
      level,
      msg: message,
      name: 'Message',
      ts: new Date(options.clock()).toISOString(),
    },
  })
}

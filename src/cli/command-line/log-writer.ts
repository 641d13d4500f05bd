import { harmless } from '../../errors.ts'
import type { LogFields, Logger, LogLevel } from '../../log.ts'
import { hideSecrets } from '../../project/secrets.ts'
import { groupEnd, groupStart } from '../github/workflow-commands.ts'

export interface LogOptions {
  readonly format: 'text' | 'json'
  readonly level: LogLevel | 'none'
  readonly write: (text: string) => void
  readonly clock: () => number
  readonly invocationId: string
  readonly pid: number
  /** Texts that must never be printed; each is replaced by asterisks. */
  readonly secrets: readonly string[]
  /** GitHub's runner is there and folds details. */
  readonly workflowCommand?: (line: string) => void
}

/** What happened in a run, for machines: its code and the keys of `data` are a contract, `msg` is not. */
export const eventCodes = {
  RunStart: 'H010',
  SyncStart: 'H011',
  SyncProgress: 'H012',
  SyncResult: 'H013',
  Rejects: 'H014',
  Problem: 'H015',
  RunEnd: 'H016',
  Parked: 'H017',
  Failure: 'H018',
  Waiting: 'H019',
  Request: 'H020',
} as const

export type EventName = keyof typeof eventCodes

/** A logger that also writes what happened as data. */
export interface EventLogger extends Logger {
  readonly format: 'text' | 'json'
  readonly level: LogLevel | 'none'
  /** @param message as text: printed line by line; as JSON: `info.msg`, beside `data` */
  event(
    name: EventName,
    level: LogLevel,
    message: string,
    data: Readonly<Record<string, unknown>>,
    /** All but its first line may be folded away. */
    isFoldable?: boolean,
  ): void
}

const order: Readonly<Record<LogLevel | 'none', number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  none: 4,
}

/** A logger in dbt's style: `HH:MM:SS  message` in UTC, or one JSON object per line in dbt's envelope. */
export function createLogger(options: LogOptions, base: LogFields = {}): EventLogger {
  const isShown = (level: LogLevel) => order[level] >= order[options.level]
  const write = (line: string) => options.write(`${hideSecrets(line, options.secrets)}\n`)
  const print = (level: LogLevel, message: string, fields: LogFields = {}) => {
    if (!isShown(level)) return
    const all = { ...base, ...fields }
    if (options.format === 'json') {
      write(jsonLine(options, { level, message, data: all, name: 'Message', code: codes[level] }))
    } else write(textLine(options, level, `${message}${factsText(all)}`))
  }
  return {
    format: options.format,
    level: options.level,
    debug: (message, fields) => print('debug', message, fields),
    info: (message, fields) => print('info', message, fields),
    warn: (message, fields) => print('warn', message, fields),
    error: (message, fields) => print('error', message, fields),
    with: (fields) => createLogger(options, { ...base, ...fields }),
    event(name, level, message, data, isFoldable = false) {
      if (!isShown(level)) return
      if (options.format === 'json') {
        return write(jsonLine(options, { level, message, data, name, code: eventCodes[name] }))
      }
      const lines = message.split('\n').map((line) => textLine(options, 'info', line))
      const [title = '', ...details] = lines
      const { workflowCommand } = options
      if (!isFoldable || workflowCommand === undefined || details.length === 0) {
        for (const line of lines) write(line)
        return
      }
      workflowCommand(groupStart(hideSecrets(title, options.secrets)))
      for (const line of details) write(line)
      workflowCommand(groupEnd)
    },
  }
}

function textLine(options: LogOptions, level: LogLevel, message: string): string {
  const time = new Date(options.clock()).toISOString().slice(11, 19)
  const word = level === 'warn' ? 'Warning: ' : level === 'error' ? 'Error: ' : ''
  return `${time}  ${word}${harmlessBesideColours(message)}`
}

const escapeSign = String.fromCharCode(27)
const colours = new RegExp(`(${escapeSign}\\[[\\d;]*m)`)

/** Whatever a row, a project or HubSpot says: of what terminals obey, our colours and the ends of our lines are left. */
const harmlessBesideColours = (text: string): string =>
  text
    .split(colours)
    .map((part, index) => (index % 2 === 1 ? part : harmless(part, '\n\t')))
    .join('')

function factsText(fields: LogFields): string {
  const facts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`
}

const codes: Readonly<Record<LogLevel, string>> = {
  debug: 'H001',
  info: 'H002',
  warn: 'H003',
  error: 'H004',
}

interface JsonEvent {
  readonly level: LogLevel
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
  readonly name: string
  readonly code: string
}

/** dbt's envelope, its keys sorted as dbt sorts them. */
function jsonLine(options: LogOptions, event: JsonEvent): string {
  return JSON.stringify({
    data: event.data,
    info: {
      category: '',
      code: event.code,
      extra: {},
      invocation_id: options.invocationId,
      level: event.level,
      msg: event.message,
      name: event.name,
      pid: options.pid,
      thread: 'MainThread',
      ts: new Date(options.clock()).toISOString(),
    },
  })
}

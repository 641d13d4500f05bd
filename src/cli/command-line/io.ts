import { randomUUID } from 'node:crypto'
import { hideSecrets } from '../../project/secrets.ts'
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import { type Input, openInput } from './input.ts'
import { createPinnedLines } from './pinned-lines.ts'

/** The process as commands see it; nothing else of it is touched. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Width of the terminal that standard output is; undefined where it is none. */
  readonly terminalColumns: number | undefined
  /** Standard output shows colours. */
  readonly usesColours: boolean
  /** Standard error shows colours. */
  readonly logUsesColours: boolean
  /** Standard error is a terminal, so that progress may be redrawn. */
  readonly isTerminal: boolean
  /** Results. */
  stdout(text: string): void
  /** Logs and progress. */
  stderr(text: string): void
  /** Told what the command does; nobody, unless OpenTelemetry's variables say so. */
  readonly telemetry: Telemetry
  /** Ends this process once everything is written, whatever is still open. */
  leave(exitCode: number): Promise<never>
  /** Gives GitHub's runner a command, a whole line; absent elsewhere and with `--no-annotations`. */
  readonly workflowCommand?: (line: string) => void
  /** Keeps these lines at the end of standard error, below what is written later; only where that is a terminal. */
  pin(lines: readonly string[]): void
  /** Width of the log's terminal by now. */
  logColumns(): number
  /** Starts to read standard input; whoever does closes it. */
  openInput(): Input
  /** Texts that both of them blot out from now on. */
  hide(secrets: readonly string[]): void
  readonly clock: () => number
  readonly random: () => number
  readonly pid: number
  /** The command that was asked for; empty until the command line is understood. */
  readonly command: string
  /** Identifies this command in logs, results and tables. */
  readonly invocationId: string
  /**
   * Calls back at the first and the second Ctrl-C (or SIGTERM, or the terminal that is closed), whoever else listens: a command that has
   * another one carried out, or looks at two projects, has several sessions.
   *
   * @returns false where somebody else was there first, and tells the user
   */
  onInterrupt(first: () => void, second: () => void): boolean
  /** Requests that this process made: `max_calls_per_run` bounds those of a command and of what it has carried out together. */
  readonly calls: { made: number }
  /** There was a Ctrl-C. */
  isInterrupted(): boolean
  /** Ends this process at once, as a power cut would. */
  kill(): void
  /** Undoes what was set up on the process. */
  restore(): void
}

/** The real process. */
export function processIo(): Io {
  const undo: (() => void)[] = []
  let interrupts = 0
  const listeners: (readonly [first: () => void, second: () => void])[] = []
  const stdout = quietly(process.stdout)
  const stderr = quietly(process.stderr)
  const logColumns = () => process.stderr.columns || 80
  const pinned = createPinnedLines({ write: stderr, columns: logColumns })
  let hidden: readonly string[] = []
  let isOver = false
  /** Nothing is left at the bottom of a terminal that others write to next. */
  const unpin = () => {
    isOver = true
    pinned.pin([])
  }
  return {
    env: process.env,
    cwd: process.cwd(),
    terminalColumns: process.stdout.columns || undefined,
    usesColours: process.stdout.isTTY === true,
    logUsesColours: process.stderr.isTTY === true,
    isTerminal:
      process.stderr.isTTY === true &&
      process.env['CI'] === undefined &&
      process.env['TERM'] !== 'dumb',
    stdout: (text) => pinned.around(() => stdout(hideSecrets(text, hidden))),
    stderr: (text) => pinned.around(() => stderr(hideSecrets(text, hidden))),
    telemetry: noTelemetry,
    async leave(exitCode) {
      unpin()
      for (const stream of [process.stdout, process.stderr])
        await new Promise<void>((resolve) => stream.write('', () => resolve()))
      return process.exit(exitCode)
    },
    pin(lines) {
      if (!isOver) pinned.pin(lines.map((line) => hideSecrets(line, hidden)))
    },
    logColumns,
    openInput: () => openInput({ input: process.stdin, output: process.stderr }),
    hide(secrets) {
      hidden = [...hidden, ...secrets]
    },
    clock: () => Date.now(),
    random: () => Math.random(),
    pid: process.pid,
    command: '',
    invocationId: randomUUID(),
    onInterrupt(first, second) {
      listeners.push([first, second])
      if (listeners.length > 1) return false
      const listen = () => {
        interrupts += 1
        for (const callbacks of listeners) callbacks[interrupts - 1]?.()
      }
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.on(signal, listen)
        undo.push(() => process.off(signal, listen))
      }
      return true
    },
    calls: { made: 0 },
    isInterrupted: () => interrupts > 0,
    kill: () => process.kill(process.pid, 'SIGKILL'),
    restore() {
      unpin()
      for (const step of undo.splice(0)) step()
    },
  }
}

/**
 * Writes until nobody reads any more. `backhaul run 2>&1 | head` closes our output early, a closed terminal ends it: a run in
 * mid-flight has better to do than to end for it.
 */
function quietly(stream: NodeJS.WriteStream): (text: string) => void {
  let isClosed = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    const isUnread = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'].includes(error.code ?? '')
    // Results that cannot be written to the end, to a full disk say, must not pass for whole.
    if (!isUnread && stream === process.stdout) throw error
    isClosed = true
  })
  return (text) => {
    if (!isClosed) stream.write(text)
  }
}

/**
 * Decides on colours: `--use-colors` or `--no-use-colors`, else dbt's variable, else NO_COLOR (no-color.org),
 * else FORCE_COLOR, else whether it is a terminal.
 */
export function withColours(io: Io, asked: unknown): Io {
  const choice = typeof asked === 'boolean' ? asked : dbtFlag(io.env, 'USE_COLORS')
  if (choice === true) return { ...io, usesColours: true, logUsesColours: true }
  const isOff = choice === false || (io.env['NO_COLOR'] ?? '') !== '' || io.env['TERM'] === 'dumb'
  if (isOff) return { ...io, usesColours: false, logUsesColours: false }
  const isForced = !['', '0', 'false'].includes(io.env['FORCE_COLOR'] ?? '')
  return isForced ? { ...io, usesColours: true, logUsesColours: true } : io
}

/** A switch of dbt's from the environment; `DBT_ENGINE_X` wins over `DBT_X`. Words as dbt takes them. */
export function dbtFlag(env: Io['env'], name: string): boolean | undefined {
  const word = (env[`DBT_ENGINE_${name}`] || env[`DBT_${name}`] || '').toLowerCase()
  if (['1', 't', 'true', 'y', 'yes', 'on'].includes(word)) return true
  return ['0', 'f', 'false', 'n', 'no', 'off'].includes(word) ? false : undefined
}

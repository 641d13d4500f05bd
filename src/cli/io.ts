import { randomUUID } from 'node:crypto'
import { hideSecrets } from '../project/secrets.ts'

/** The process as commands see it; nothing else of it is touched. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly columns: number
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
  /** Texts that both of them blot out from now on. */
  hide(secrets: readonly string[]): void
  readonly clock: () => number
  readonly random: () => number
  readonly pid: number
  /** The command that was asked for; empty until the command line is understood. */
  readonly command: string
  /** Identifies this command in logs, results and tables. */
  readonly invocationId: string
  /** Calls back at the first and the second Ctrl-C (or SIGTERM, or the terminal that is closed). */
  onInterrupt(first: () => void, second: () => void): void
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
  const stdout = quietly(process.stdout)
  const stderr = quietly(process.stderr)
  let hidden: readonly string[] = []
  return {
    env: process.env,
    cwd: process.cwd(),
    columns: process.stdout.columns ?? 80,
    usesColours: process.stdout.isTTY === true,
    logUsesColours: process.stderr.isTTY === true,
    isTerminal: process.stderr.isTTY === true && process.env['CI'] === undefined,
    stdout: (text) => stdout(hideSecrets(text, hidden)),
    stderr: (text) => stderr(hideSecrets(text, hidden)),
    hide(secrets) {
      hidden = [...hidden, ...secrets]
    },
    clock: () => Date.now(),
    random: () => Math.random(),
    pid: process.pid,
    command: '',
    invocationId: randomUUID(),
    onInterrupt(first, second) {
      const listen = () => {
        interrupts += 1
        if (interrupts === 1) first()
        else if (interrupts === 2) second()
      }
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.on(signal, listen)
        undo.push(() => process.off(signal, listen))
      }
    },
    isInterrupted: () => interrupts > 0,
    kill: () => process.kill(process.pid, 'SIGKILL'),
    restore() {
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

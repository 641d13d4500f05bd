/** The process as commands see it; nothing else of it is touched. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly columns: number
  /** Standard output is a terminal that shows colours, or FORCE_COLOR says so. */
  readonly usesColours: boolean
  /** Standard error is a terminal, so that progress may be redrawn. */
  readonly isTerminal: boolean
  /** Results. */
  stdout(text: string): void
  /** Logs and progress. */
  stderr(text: string): void
  readonly clock: () => number
  readonly random: () => number
  readonly pid: number
  /** Calls back at the first and the second Ctrl-C (or SIGTERM). */
  onInterrupt(first: () => void, second: () => void): void
  /** Ends this process at once, as a power cut would. */
  kill(): void
  /** Undoes what was set up on the process. */
  restore(): void
}

/** The real process. */
export function processIo(): Io {
  const undo: (() => void)[] = []
  // `backhaul plan | head` closes our output early: that is no defect.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  const noColour =
    process.env['NO_COLOR'] !== undefined || process.env['DBT_USE_COLORS'] === 'false'
  const asksForColour = !['0', 'false', undefined].includes(process.env['FORCE_COLOR'])
  return {
    env: process.env,
    cwd: process.cwd(),
    columns: process.stdout.columns ?? 80,
    usesColours: (process.stdout.isTTY === true || asksForColour) && !noColour,
    isTerminal: process.stderr.isTTY === true && process.env['CI'] === undefined,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    clock: () => Date.now(),
    random: () => Math.random(),
    pid: process.pid,
    onInterrupt(first, second) {
      let count = 0
      const listen = () => {
        count += 1
        if (count === 1) first()
        else second()
      }
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.on(signal, listen)
        undo.push(() => process.off(signal, listen))
      }
    },
    kill: () => process.kill(process.pid, 'SIGKILL'),
    restore() {
      for (const step of undo.splice(0)) step()
    },
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { root } from '../../scripts/process.mjs'
import { atTestEnd } from './at-test-end.ts'

/** The built command, as users run it. */
const cliProgram = join(root, 'dist', 'cli', 'main.js')

export interface CliOptions {
  /** Default: the repository's root folder. */
  readonly cwd?: string
  /** On top of a bare environment: nothing of HUBSPOT_*, DBT_*, BACKHAUL_*, PG* and CI comes from the test's own. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What is piped to standard input; nothing by default. */
  readonly input?: string
}

export interface CliResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCli {
  readonly pid: number
  /** Standard output so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits until one of both outputs matches; throws with both when the process ends first. */
  readonly waitFor: (pattern: RegExp, timeoutMs?: number) => Promise<RegExpExecArray>
  readonly signal: (name: NodeJS.Signals) => void
  readonly finished: Promise<CliResult>
}

/** Runs `backhaul …` to its end: `await runCli(['plan', '--output', 'json'], { cwd: project.dir, env: project.env })`. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).finished
}

/** Starts `backhaul …`; whatever still runs when the test ends is killed. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const child = spawn(process.execPath, [cliProgram, ...args], {
    cwd: options.cwd ?? root,
    env: { ...bareEnvironment(), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // A command that does not read it closes it when it ends.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const finished = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, signal) => {
      running.delete(child)
      resolve({ exitCode, signal, stdout, stderr })
    })
  })
  running.set(child, finished)
  atTestEnd(() => stop(child))
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    waitFor: (pattern, timeoutMs = 20_000) =>
      waitFor(child, () => [stdout, stderr], pattern, timeoutMs),
    signal: (name) => void child.kill(name),
    finished,
  }
}

const running = new Map<ChildProcess, Promise<CliResult>>()

async function stop(child: ChildProcess): Promise<void> {
  const finished = running.get(child)
  if (finished === undefined) return
  child.kill('SIGKILL')
  await finished
}

afterAll(async () => {
  await Promise.all([...running.keys()].map(stop))
})

function waitFor(
  child: ChildProcess,
  outputs: () => readonly string[],
  pattern: RegExp,
  timeoutMs: number,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      child.stdout?.off('data', look)
      child.stderr?.off('data', look)
      child.off('close', ended)
      settle()
    }
    const look = (): boolean => {
      const found = outputs()
        .map((output) => pattern.exec(output))
        .find((match) => match !== null)
      if (found === undefined) return false
      finish(() => resolve(found))
      return true
    }
    const fail = (why: string) => {
      const error = new Error(`${why} before ${pattern}:\n${outputs().join('\n')}`)
      if (!look()) finish(() => reject(error))
    }
    const ended = () => fail('The command ended')
    const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs)
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('close', ended)
    look()
  })
}

/** The test's environment without what would steer the command. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const steering =
    /^(HUBSPOT_|DBT_|BACKHAUL_|PG|VITEST|NODE_OPTIONS$|NODE_ENV$|CI$|FORCE_COLOR$|GITHUB_|OTEL_|TRACE(PARENT|STATE)$)/
  const kept = Object.entries(process.env).filter(([name]) => !steering.test(name))
  return { ...Object.fromEntries(kept), NO_COLOR: '1' }
}

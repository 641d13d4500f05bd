import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/process.mjs'
import type { ClosingReport } from '../support/closing-report.ts'
import type { Handover } from './global-setup.ts'

/** What a run of the tests came to. */
export interface Outcome {
  readonly code: number
  /** Undefined: it was killed. */
  readonly report: ClosingReport | undefined
}

export interface RunningTests {
  readonly finished: Promise<Outcome>
  /** Ends them, and every command that they have started. */
  stop(): void
}

const graceMs = 5000

/**
 * Starts the tests in a group of processes of their own: Ctrl-C in the terminal does not reach it, and none of it outlives the run.
 *
 * @param folder for all their temporary files
 * @param filters of vitest: files, `-t`
 */
export function startTests(
  handover: Handover,
  folder: string,
  filters: readonly string[],
): RunningTests {
  const report = join(folder, 'report.json')
  const child = spawn('vitest', ['run', '--config', 'vitest.real.config.ts', ...filters], {
    cwd: root,
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: {
      ...process.env,
      TMPDIR: folder,
      BACKHAUL_TEST_REAL: JSON.stringify(handover),
      BACKHAUL_TEST_REPORT: report,
    },
  })
  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    } catch {
      // The group has ended.
    }
  }
  const finished = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      signal('SIGKILL')
      resolve({
        code: code ?? 1,
        report: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined,
      })
    })
  })
  return {
    finished,
    stop() {
      signal('SIGTERM')
      setTimeout(() => signal('SIGKILL'), graceMs).unref()
    },
  }
}

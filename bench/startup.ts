// How long a command takes before it does anything, against Node.js itself: npm run bench:startup
// Compare ratios within one run, not milliseconds between runs or machines.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../scripts/process.mjs'

const { values: flags } = parseArgs({ options: { repeats: { type: 'string', default: '15' } } })
const repeats = Number(flags.repeats)
/** `--help` may take this many times as long as `node -e 0`. */
const allowedRatio = 4

const program = join(root, 'dist', 'cli', 'main.js')
const project = mkdtempSync(join(tmpdir(), 'backhaul-bench-'))
cpSync(join(root, 'dbt_project_example'), project, { recursive: true })
mkdirSync(join(project, 'target'), { recursive: true })
cpSync(join(project, 'artifacts', 'manifest.json'), join(project, 'target', 'manifest.json'))

const cases: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['node -e 0', ['-e', '0']],
  ['backhaul --help', [program, '--help']],
  ['backhaul run --help', [program, 'run', '--help']],
  ['backhaul ls', [program, 'ls']],
  ['backhaul validate --offline', [program, 'validate', '--offline']],
]

function timeOnce([name, args]: (typeof cases)[number]): number {
  const startedAtMs = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [...args], {
    cwd: project,
    encoding: 'utf8',
  })
  const tookMs = performance.now() - startedAtMs
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`)
  return tookMs
}

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN

try {
  // Interleaved, so that a busy moment of the machine hits all of them; the first round only warms the disk cache.
  const rounds = Array.from({ length: repeats + 1 }, () => cases.map(timeOnce)).slice(1)
  const medians = cases.map((_, index) => median(rounds.map((round) => round[index] ?? Number.NaN)))
  const [base = Number.NaN] = medians
  console.log(
    `Node.js ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}, median of ${repeats}`,
  )
  for (const [index, [name]] of cases.entries()) {
    const ms = medians[index] ?? Number.NaN
    console.log(
      `${name.padEnd(30)}${ms.toFixed(0).padStart(6)} ms${(ms / base).toFixed(2).padStart(8)} ×`,
    )
  }
  const ratio = (medians[1] ?? Number.NaN) / base
  if (ratio > allowedRatio) {
    console.log(
      `--help takes ${ratio.toFixed(2)} × as long as Node.js alone; ${allowedRatio} are allowed`,
    )
    process.exitCode = 1
  }
} finally {
  rmSync(project, { recursive: true, force: true })
}

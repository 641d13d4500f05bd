// Memory of a run against the number of changed rows: `npm run bench:memory [-- --rows 1000000 --changed 10000 --templates]`.
// One model: the first run sends every row, the second the few that changed. The sandbox runs in another process, DuckDB's
// memory limit is fixed, and what counts is the ratio of the two peaks. A run on a model of just the few rows is shown beside it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { root } from '../scripts/process.mjs'
import { writeProjectFiles, writeRunResults } from '../test/support/project-files.ts'

const cli = join(root, 'dist', 'cli', 'main.js')
const duckdbLimit = '512MB'
const sampleEveryMs = 50
/** SPEC's promise: memory flat in the number of changed rows. */
const allowedRatio = 1.2

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    changed: { type: 'string', default: '10000' },
    templates: { type: 'boolean', default: false },
  },
})

interface Measured {
  readonly rows: number
  readonly peakMb: number
  readonly seconds: number
  readonly writeCalls: number
}

/** Peak resident memory of a process, as the kernel counts it. Linux only. */
function peakMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

async function startSandbox(): Promise<{ process: ChildProcess; env: Record<string, string> }> {
  const child = spawn(process.execPath, [cli, 'sandbox', '--port', '0', '--tier', 'unlimited'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let printed = ''
  for await (const chunk of child.stdout) {
    printed += String(chunk)
    if (printed.includes('HUBSPOT_ACCESS_TOKEN=')) break
  }
  const lines = printed.trim().split('\n')
  return { process: child, env: Object.fromEntries(lines.map((line) => line.split('='))) }
}

async function makeProject(rows: number): Promise<string> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-bench-')))
  const path = join(dir, 'shop.duckdb')
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await connection.run(`create table people as
    select i as id, 'person' || i || '@shop.example' as email, 'First' || (i % 977) as first_name,
      'Last' || i as last_name, 'Title ' || (i % 13) as job_title, '+1555' || i as phone
    from range(${rows}) as t(i)`)
  connection.closeSync()
  instance.closeSync()
  const files = {
    syncs: [
      {
        model: 'people',
        hubspot: {
          sync: 'contacts',
          object: 'contacts',
          primary_key: 'id',
          match: { email: 'email' },
          properties: {
            lastname: 'last_name',
            ...(values.templates
              ? {
                  firstname: { template: `\${ row.first_name | upcase }` },
                  jobtitle: {
                    template: `<% if row.id >= 0 %>\${ row.job_title }<% endif %> of \${ row.last_name }`,
                  },
                }
              : { firstname: 'first_name', jobtitle: 'job_title' }),
            phone: 'phone',
          },
        },
      },
    ],
    adapter: 'duckdb',
    output: { type: 'duckdb', path: 'shop.duckdb' },
    relation: (model: string) => `"shop"."main"."${model}"`,
    schema: 'main',
    database: 'shop',
    settings: { hubspot: { requests_per_10_seconds: 1_000_000 } },
  }
  writeProjectFiles(dir, files)
  writeRunResults(dir, files.syncs)
  return dir
}

/** One run in a process of its own. */
async function measure(
  dir: string,
  env: Readonly<Record<string, string>>,
  rows: number,
): Promise<Measured> {
  const startedMs = performance.now()
  const run = spawn(process.execPath, [cli, 'run', '--output', 'json', '--quiet'], {
    cwd: dir,
    env: { ...process.env, ...env, BACKHAUL_DUCKDB_MEMORY_LIMIT: duckdbLimit },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, peakMb(run.pid ?? 0))
  }, sampleEveryMs)
  let printed = ''
  for await (const chunk of run.stdout) printed += String(chunk)
  clearInterval(timer)
  if (run.exitCode === null) await once(run, 'close')
  const [result] = (JSON.parse(printed) as Printed).results
  const written = (result?.counts.created ?? 0) + (result?.counts.updated ?? 0)
  if (result?.status !== 'succeeded' || written !== rows) {
    throw new RangeError(`The run did not write ${rows} rows: ${printed}`)
  }
  const seconds = (performance.now() - startedMs) / 1000
  return { rows, peakMb: peak, seconds, writeCalls: result.calls.made }
}

async function changeRows(dir: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(join(dir, 'shop.duckdb'))
  const connection = await instance.connect()
  await connection.run(`update people set job_title = 'Changed' where id < ${rows}`)
  connection.closeSync()
  instance.closeSync()
}

async function withProject<T>(
  rows: number,
  work: (dir: string, env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const dir = await makeProject(rows)
  const sandbox = await startSandbox()
  try {
    return await work(dir, sandbox.env)
  } finally {
    sandbox.process.kill()
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Printed {
  readonly results: readonly {
    readonly status: string
    readonly counts: { readonly created: number; readonly updated: number }
    readonly calls: { readonly made: number }
  }[]
}

function print(label: string, one: Measured): void {
  const count = one.rows.toLocaleString('en-US')
  const rate = Math.round(one.rows / one.seconds).toLocaleString('en-US')
  console.log(
    `${label}: ${count} changed rows, peak ${one.peakMb.toFixed(0)} MB, ${one.seconds.toFixed(1)} s, ${one.writeCalls} write calls, ${rate} rows/s`,
  )
}

const rows = Number(values.rows)
const changed = Number(values.changed)
const small = await withProject(changed, (dir, env) => measure(dir, env, changed))
const { many, few } = await withProject(rows, async (dir, env) => {
  const all = await measure(dir, env, rows)
  await changeRows(dir, changed)
  return { many: all, few: await measure(dir, env, changed) }
})
print(`model of ${changed.toLocaleString('en-US')} rows`, small)
print(`model of ${rows.toLocaleString('en-US')} rows`, many)
print(`model of ${rows.toLocaleString('en-US')} rows`, few)
const ratio = many.peakMb / few.peakMb
console.log(
  `memory ratio ${ratio.toFixed(2)} (allowed ${allowedRatio}), DuckDB limit ${duckdbLimit}`,
)
process.exitCode = ratio <= allowedRatio ? 0 : 1

// npm run demo: `backhaul demo` with the dbt of scripts/dbt.mjs. Without network or Python the demo does without dbt, and says so. The report of its runs stays in target/demo/.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureDbt } from './dbt.mjs'
import { root } from './process.mjs'

const program = join(root, 'dist', 'cli', 'main.js')

if (process.env['BACKHAUL_DBT'] === undefined) {
  const dbt = await ensureDbt()
  if (dbt.available) process.env['BACKHAUL_DBT'] = dbt.path
  else process.stderr.write(`dbt cannot be had: ${dbt.reason}\n`)
}
// The command starts itself again for each step, by what it was started as.
const report = process.argv.some((word) => word.startsWith('--report'))
  ? []
  : ['--report', join(root, 'target', 'demo', 'report.html')]
process.argv.splice(1, 1, program, 'demo', ...report)
await import(pathToFileURL(program).href)

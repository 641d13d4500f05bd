// npm run build: compiles src/ to dist/, bundles the page of reports, and makes the command executable.
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './process.mjs'
import { buildReportPage } from './report-page.mjs'
import { recordBuild } from './toolchain.mjs'

const dist = join(root, 'dist')
const program = join(dist, 'cli', 'main.js')

// Files of sources that are gone would be published.
rmSync(dist, { recursive: true, force: true })
const { code } = await run('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, show: true })
await buildReportPage(join(dist, 'report', 'page.html'))
if (existsSync(program)) chmodSync(program, 0o755)
if (code === 0) recordBuild()
process.exitCode = code

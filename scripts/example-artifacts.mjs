// Writes dbt_project_example/artifacts: what `dbt build --target dev` leaves behind, without the paths of this machine.
// Run it after every change of the example project (test/arch/example-artifacts.test.ts notices when that was forgotten).
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dbtEnv, ensureDbt } from './dbt.mjs'
import { root, run } from './process.mjs'

const project = join(root, 'dbt_project_example')
const parts = ['dbt_project.yml', 'profiles.yml', 'seeds', 'models']

const dbt = await ensureDbt()
if (!dbt.available) {
  process.stderr.write(`${dbt.reason}\n`)
  process.exit(1)
}
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backhaul-example-')))
try {
  for (const part of parts) cpSync(join(project, part), join(folder, part), { recursive: true })
  const env = { PATH: process.env['PATH'], HOME: folder, ...dbtEnv }
  const { code } = await run(dbt.path, ['--warn-error', 'build', '--target', 'dev'], {
    cwd: folder,
    env,
    show: true,
  })
  if (code !== 0) process.exit(code)
  mkdirSync(join(project, 'artifacts'), { recursive: true })
  for (const name of ['manifest.json', 'run_results.json']) {
    const text = readFileSync(join(folder, 'target', name), 'utf8')
      .replaceAll(dbt.path, 'dbt')
      .replaceAll(folder, '.')
    writeFileSync(join(project, 'artifacts', name), `${text.trimEnd()}\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

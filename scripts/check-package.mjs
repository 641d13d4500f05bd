// npm run check:package: what would be published is complete, has sound types, installs elsewhere and runs,
// on this Node.js and on the oldest one that is supported.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastLines, root, run } from './process.mjs'

const oldestNode = 'node@22'
const mustHold = [
  'dist/cli/main.js',
  'dist/index.js',
  'dist/index.d.ts',
  'dbt_project_example/backhaul.yml',
  'dbt_project_example/artifacts/manifest.json',
  'dbt_project_example/seeds/raw_customers.csv',
]
const mustNotHold =
  /(^|\/)(\.env|\.git|\.cache|node_modules|target|logs|test)\/|\.(duckdb|duckdb\.wal|tgz|tsbuildinfo)$/

/** @type {string[]} */
const problems = []
const folder = mkdtempSync(join(tmpdir(), 'backhaul-package-'))
try {
  const tarball = await pack()
  if (tarball !== undefined) {
    await check('publint', ['run', tarball, '--strict'])
    await check('attw', [tarball, '--profile', 'esm-only'])
    await install(tarball)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length > 0 ? 1 : 0

/** @returns {Promise<string | undefined>} path of the tarball */
async function pack() {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const { code, output } = await run('npm', args, { cwd: root, errors: false })
  if (code !== 0) {
    problems.push(`npm pack failed: ${lastLines(output)}`)
    return undefined
  }
  /** @type {{ filename: string, unpackedSize: number, files: { path: string }[] }[]} */
  const [packed] = JSON.parse(output)
  if (packed === undefined) return undefined
  const paths = packed.files.map((file) => file.path)
  process.stdout.write(
    `${packed.filename}: ${paths.length} files, ${Math.round(packed.unpackedSize / 1024)} kB unpacked\n`,
  )
  for (const path of mustHold) if (!paths.includes(path)) problems.push(`the package lacks ${path}`)
  for (const path of paths) if (mustNotHold.test(path)) problems.push(`the package holds ${path}`)
  return join(folder, packed.filename)
}

/** @param {string} command @param {string[]} args */
async function check(command, args) {
  const { code } = await run(command, args, { cwd: root, show: true })
  if (code !== 0) problems.push(`${command} found a problem`)
}

/** @param {string} tarball */
async function install(tarball) {
  const app = join(folder, 'app')
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{"private": true}\n')
  const installed = await npmInstall(app, tarball)
  if (installed !== undefined) {
    problems.push(`the package does not install: ${installed}`)
    return
  }
  const program = join(app, 'node_modules', 'backhaul', 'dist', 'cli', 'main.js')
  await runHelp(join(app, 'node_modules', '.bin', 'backhaul'), [], app)
  const old = join(folder, 'oldest-node')
  mkdirSync(old)
  const missing = await npmInstall(old, oldestNode)
  if (missing === undefined)
    await runHelp(join(old, 'node_modules', '.bin', 'node'), [program], app)
  else
    process.stdout.write(`Not tried on ${oldestNode}, which could not be installed: ${missing}\n`)
}

/** @param {string} cwd @param {string} name @returns {Promise<string | undefined>} what went wrong */
async function npmInstall(cwd, name) {
  const args = ['install', '--prefix', cwd, '--no-audit', '--no-fund', '--omit=dev', name]
  const { code, output } = await run('npm', args, { cwd })
  return code === 0 ? undefined : lastLines(output)
}

/** @param {string} command @param {string[]} args @param {string} cwd */
async function runHelp(command, args, cwd) {
  const { code, output } = await run(command, [...args, '--help'], { cwd })
  const version =
    args.length > 0 ? (await run(command, ['--version'])).output.trim() : process.version
  if (code !== 0 || !/\bplan\b/.test(output))
    problems.push(`--help fails on Node.js ${version}: ${lastLines(output)}`)
  else process.stdout.write(`backhaul --help runs on Node.js ${version}\n`)
}

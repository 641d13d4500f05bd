// node scripts/complete-lock.mjs: adds to package-lock.json the packages for other systems that npm left out.
//
// A registry mirror that holds the builds for one system only makes npm drop the others from the lock file, and `npm ci` then
// refuses it everywhere ("Missing: … from lock file"). Version, system and processor are known from the package that wants
// them; npm adds the integrity when it first installs one. test/arch/lock.test.ts notices when this is needed.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './process.mjs'

/** @typedef {{ version?: string, resolved?: string, dev?: boolean, license?: string, engines?: object, libc?: string[], optionalDependencies?: Record<string, string> }} Entry */

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
/** As in package names → as npm calls it. */
const processors = {
  arm64: 'arm64',
  arm: 'arm',
  x64: 'x64',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
}

/**
 * The entries that are missing, by their path in the lock file.
 *
 * @param {Record<string, Entry>} packages
 * @returns {Record<string, object>}
 */
export function missingEntries(packages) {
  /** @type {Record<string, object>} */
  const missing = {}
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    const names = Object.keys(optionalDependencies)
    const isKnown = (/** @type {string} */ name) =>
      `node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages
    const sibling = names
      .map((name) => packages[`node_modules/${name}`])
      .find((entry) => entry !== undefined)
    for (const name of names.filter((candidate) => !isKnown(candidate))) {
      missing[`node_modules/${name}`] = describe(name, optionalDependencies[name] ?? '', sibling)
    }
  }
  return missing
}

/** @param {string} name @param {string} version @param {Entry | undefined} sibling */
function describe(name, version, sibling) {
  const parts = name.split(/[/-]/)
  const os = systems.find((system) => parts.includes(system))
  const cpu = Object.entries(processors).find(([part]) => parts.includes(part))?.[1]
  const libc = parts.some((part) => part.startsWith('musl')) ? 'musl' : sibling?.libc && 'glibc'
  if (os === undefined || cpu === undefined || !/^\d/.test(version)) {
    throw new TypeError(
      `${name}@${version}: cannot tell for which system it is; add it to package-lock.json by hand`,
    )
  }
  return {
    version,
    cpu: [cpu],
    ...(sibling?.dev && { dev: true }),
    ...(os === 'linux' && libc && { libc: [libc] }),
    ...(sibling?.license && { license: sibling.license }),
    optional: true,
    os: [os],
    ...(sibling?.engines && { engines: sibling.engines }),
  }
}

function main() {
  const path = join(root, 'package-lock.json')
  const lock = JSON.parse(readFileSync(path, 'utf8'))
  const missing = missingEntries(lock.packages)
  const entries = Object.entries({ ...lock.packages, ...missing })
  lock.packages = Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b, 'en')))
  for (const entry of entries.map(([, value]) => value)) delete entry.resolved
  writeFileSync(path, `${JSON.stringify(lock, undefined, 2)}\n`)
  process.stdout.write(`${Object.keys(missing).length} packages added\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()

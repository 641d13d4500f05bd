// The analyzer of Snowflake's SQL that tests ask, in .cache/zetasql-snowflake-0.11. docs/decisions/0009-analyzer-outside-npm-ci.md
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines, root, run, withLock } from './process.mjs'

const version = '0.11.0'
const integrity =
  'sha512-uJ1sU/4Fbl+u1ePbp5xqHb5C/QmaIhs9Mjc1I6OWK4UeAeuFJCIGSfmbnes+TCailqoQMNU/chy+L7dzXcqgBg=='
const home = join(root, '.cache', 'zetasql-snowflake-0.11')

/**
 * Installs it on the first call, finds it on later ones. Safe to call from several processes. What it needs itself is in node_modules: it is
 * the same as of the analyzer of GoogleSQL.
 *
 * @returns {Promise<{ available: true, path: string } | { available: false, reason: string }>} path of its main module
 */
export async function ensureSnowflakeAnalyzer() {
  const path = join(home, 'package', 'lib', 'index.js')
  const stamp = join(home, '.installed')
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === integrity
  if (isInstalled()) return { available: true, path }
  return withLock(`${home}.lock`, async () => {
    if (isInstalled()) return { available: true, path }
    const problem = await install()
    if (problem !== undefined) return { available: false, reason: problem }
    writeFileSync(stamp, integrity)
    return { available: true, path }
  })
}

/** @returns {Promise<string | undefined>} what went wrong */
async function install() {
  process.stderr.write('Installing the analyzer of Snowflake’s SQL in .cache (once, 112 MB)\n')
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  const name = '@fivetrandevelopers/zetasql-snowflake'
  const packed = await run('npm', ['pack', '--pack-destination', home, `${name}@${version}`])
  const archive = join(home, `${name.slice(1).replace('/', '-')}-${version}.tgz`)
  if (packed.code !== 0 || !existsSync(archive))
    return `npm could not fetch it: ${lastLines(packed.output)}`
  const sum = createHash('sha512').update(readFileSync(archive)).digest('base64')
  if (`sha512-${sum}` !== integrity) return 'the package is another one than it was'
  const unpacked = await run('tar', ['-xzf', archive, '-C', home])
  if (unpacked.code !== 0) return `tar could not unpack it: ${lastLines(unpacked.output)}`
  rmSync(archive)
  return undefined
}

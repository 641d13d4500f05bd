// A Chromium for tests and pictures. From the first of: BACKHAUL_TEST_CHROMIUM (a program), the machine (PATH), apt-get,
// Playwright's own, which is installed in .cache/.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'
import { aptInstall, lastLines, root, run } from './process.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
/** It talks to nobody but the page: no updates, no accounts, no first steps. */
const flags = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/**
 * Finds or installs one, and sees that it starts.
 *
 * @returns {Promise<{ available: true, path: string, version: string } | { available: false, reason: string }>}
 */
export async function ensureChromium() {
  const reasons = []
  for (const find of [given, onPath, fromApt, fromPlaywright]) {
    const path = await find()
    if (path === undefined) continue
    try {
      const browser = await launch(path)
      const version = browser.version()
      await browser.close()
      return { available: true, path, version }
    } catch (error) {
      reasons.push(`${path} does not start: ${lastLines(String(error), 2)}`)
    }
  }
  return {
    available: false,
    reason: reasons.at(-1) ?? 'no Chromium on this machine, and none could be installed',
  }
}

/**
 * Starts one with a profile of its own.
 *
 * @param {string} path
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launch(path) {
  const isRoot = process.getuid?.() === 0
  return chromium.launch({
    executablePath: path,
    // Chromium does not build its sandbox for root.
    args: [...flags, ...(isRoot ? ['--no-sandbox'] : [])],
  })
}

async function given() {
  return process.env['BACKHAUL_TEST_CHROMIUM'] || undefined
}

async function onPath() {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const places = folders.flatMap((folder) => names.map((name) => join(folder, name)))
  return places.find((path) => existsSync(path))
}

async function fromApt() {
  return (await aptInstall(['chromium'])) ? onPath() : undefined
}

async function fromPlaywright() {
  const env = { ...process.env, PLAYWRIGHT_BROWSERS_PATH: join(root, '.cache', 'playwright') }
  const program = join(root, 'node_modules', 'playwright-core', 'cli.js')
  const { code } = await run(process.execPath, [program, 'install', 'chromium'], { env })
  if (code !== 0) return undefined
  const where = `process.stdout.write(require('playwright-core').chromium.executablePath())`
  const { output } = await run(process.execPath, ['-e', where], { cwd: root, env })
  return existsSync(output) ? output : undefined
}

// npm run docs:screenshots: makes the pictures in docs/images/ of what the commands really print and write. The example project is planned
// and run against the local HubSpot, which is over its limit now and then, its seeds are changed, and all of it is in the report.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createLabel, createProperties } from '../src/cli/commands/sandbox.ts'
import { buildFromArtifacts } from '../src/cli/demo/build-from-artifacts.ts'
import {
  copyExampleProject,
  exampleLabels,
  exampleOwners,
} from '../src/cli/demo/example-project.ts'
import { editSeeds } from '../src/cli/demo/seed-edits.ts'
import { startSandbox } from '../src/sandbox/sandbox.ts'
import { ensureChromium, launch } from './chromium.mjs'
import { root, run } from './process.mjs'

class PictureError extends Error {}

const images = join(root, 'docs', 'images')
const program = join(root, 'dist', 'cli', 'main.js')
/** A picture in a repository is read more often than it is looked at closely. */
const mostBytes = 200_000
const viewport = { width: 1200, height: 760 }

const folder = mkdtempSync(join(tmpdir(), 'backhaul-pictures-'))
const sandbox = await startSandbox({
  latencyMs: 40,
  faults: [
    {
      match: { path: '/batch/(upsert|update|create)$', every: 3 },
      kind: 'status',
      status: 429,
      retryAfterSeconds: 1,
    },
  ],
})
try {
  const plan = await tellStory()
  await takePictures(plan)
} finally {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
}

/** @returns {Promise<string>} what `backhaul plan` printed after the seeds had changed, in colours */
async function tellStory() {
  copyExampleProject(folder)
  createProperties(sandbox, join(folder, 'hubspot', 'properties.json'))
  exampleOwners.forEach(sandbox.defineOwner)
  for (const label of exampleLabels) createLabel(sandbox, label)
  appendFileSync(join(folder, 'backhaul.yml'), '\naudit:\n  values: full\n  requests: full\n')
  await buildFromArtifacts(folder)
  await backhaul('run')
  editSeeds(folder)
  replaceIn('seeds/raw_customers.csv', /[\w.+-]+@/g, [3, 12, 27], (name) => `${name}@`)
  await buildFromArtifacts(folder)
  const plan = await backhaul('plan')
  await backhaul('run')
  const report = join(folder, 'report.html')
  await backhaul('report', '--out', report)
  // Where the project happens to lie is no part of the picture.
  writeFileSync(report, readFileSync(report, 'utf8').replaceAll(`${folder}/`, ''))
  return plan
}

/** Changes some of what a file says. @param {string} file @param {RegExp} pattern @param {readonly number[]} which @param {(found: string) => string} change */
function replaceIn(file, pattern, which, change) {
  const path = join(folder, file)
  let count = 0
  const text = readFileSync(path, 'utf8').replace(pattern, (found) => {
    count += 1
    return which.includes(count) ? change(found) : found
  })
  writeFileSync(path, text)
}

/** Runs a command in the project; rows that are rejected are part of the story. @param {readonly string[]} args @returns {Promise<string>} its output */
async function backhaul(...args) {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    DBT_PROFILES_DIR: folder,
    HUBSPOT_BASE_URL: sandbox.url,
    HUBSPOT_ACCESS_TOKEN: sandbox.token,
    FORCE_COLOR: '1',
    DBT_USE_COLORS: 'true',
  }
  const { code, output } = await run(process.execPath, [program, ...args], {
    cwd: folder,
    env,
    errors: args[0] !== 'plan',
  })
  if (code !== 0 && args[0] !== 'run')
    throw new PictureError(`backhaul ${args[0]} failed:\n${output}`)
  return output
}

/** @param {string} plan */
async function takePictures(plan) {
  const found = await ensureChromium()
  if (!found.available) throw new PictureError(found.reason)
  mkdirSync(images, { recursive: true })
  const browser = await launch(found.path)
  try {
    const terminal = await browser.newPage({ viewport: { width: 1180, height: 400 } })
    await terminal.setContent(terminalHtml('backhaul plan', plan))
    await picture(terminal, 'plan', true)
    const url = pathToFileURL(join(folder, 'report.html')).href
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      const context = await browser.newContext({ viewport, colorScheme })
      for (const view of ['overview', 'changes', 'problems', 'requests']) {
        const page = await context.newPage()
        await page.goto(`${url}#/${view === 'overview' ? '' : view}`)
        await page.locator('h1').waitFor()
        // Charts are drawn when their place is known.
        await page.waitForTimeout(500)
        await picture(page, `report-${view}-${colorScheme}`, false)
      }
      await context.close()
    }
  } finally {
    await browser.close()
  }
}

/** @param {import('playwright-core').Page} page @param {string} name @param {boolean} isWhole */
async function picture(page, name, isWhole) {
  const bytes = await page.screenshot({
    path: join(images, `${name}.png`),
    fullPage: isWhole,
    animations: 'disabled',
  })
  process.stdout.write(`docs/images/${name}.png: ${Math.ceil(bytes.length / 1000)} kB\n`)
  if (bytes.length > mostBytes)
    throw new PictureError(`${name}.png is larger than ${mostBytes} bytes`)
}

/** A terminal's text as a page: the sixteen colours and weights that commands use. @param {string} command @param {string} output */
function terminalHtml(command, output) {
  const colours = [
    '#6b7078',
    '#ff8d84',
    '#63c98c',
    '#e6b04d',
    '#82b8ff',
    '#c9a2f2',
    '#5cc8c8',
    '#e4e4e1',
  ]
  let style = { bold: false, dim: false, colour: '' }
  const spans = output
    .trimEnd()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how colours begin
    .split(/\u001b\[([\d;]*)m/)
    .map((part, index) => {
      if (index % 2 === 1) {
        for (const code of part.split(';').map(Number)) {
          if (code === 0) style = { bold: false, dim: false, colour: '' }
          else if (code === 1) style = { ...style, bold: true }
          else if (code === 2) style = { ...style, dim: true }
          else if (code === 22) style = { ...style, bold: false, dim: false }
          else if (code === 39) style = { ...style, colour: '' }
          else if (code >= 30 && code < 38) style = { ...style, colour: colours[code - 30] ?? '' }
          else if (code >= 90 && code < 98) style = { ...style, colour: colours[code - 90] ?? '' }
        }
        return ''
      }
      const css = `${style.colour === '' ? '' : `color:${style.colour};`}${style.bold ? 'font-weight:700;' : ''}${style.dim ? 'opacity:.65;' : ''}`
      return css === '' ? escaped(part) : `<span style="${css}">${escaped(part)}</span>`
    })
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #141517; color: #e4e4e1; padding: 18px 22px; }
pre { margin: 0; font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
</style><pre><span style="color:#63c98c">$</span> ${escaped(command)}\n${spans.join('')}</pre>`
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

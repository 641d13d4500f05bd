// Makes dist/report/page.html of src/report/page/: one file with script, style and policy in it, into which `backhaul report` puts a report.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { root } from './process.mjs'

const source = join(root, 'src', 'report', 'page')
/** What `backhaul report` replaces. */
const replaced = ['<script type="application/json" id="payload"></script>', "connect-src 'none'"]
/** Packages whose code is in the script; their licences ask that the notice goes along. */
const bundled = ['preact', 'uplot', '@tanstack/virtual-core']

/** @param {string} path where the page goes */
export async function buildReportPage(path) {
  const script = await bundle('main.tsx', {
    jsx: 'automatic',
    jsxImportSource: 'preact',
    format: 'iife',
    metafile: true,
  })
  const firstScript = await bundle('before-first-paint.ts', { format: 'iife' })
  const style = await bundle('page.css')
  const uplotStyle = readFileSync(join(root, 'node_modules/uplot/dist/uPlot.min.css'), 'utf8')
  const wholeStyle = uplotStyle.trim() + style
  /** @type {Readonly<Record<string, string>>} */
  const parts = {
    policy: policy([firstScript, script], wholeStyle),
    style: wholeStyle,
    firstScript,
    script,
    notices: bundled.map(notice).join('\n\n'),
  }
  const page = readFileSync(join(source, 'page.html'), 'utf8').replace(
    /\{\{(\w+)\}\}/g,
    (_, name) => parts[name] ?? '',
  )
  for (const text of replaced) {
    if (page.split(text).length !== 2) throw new PageError(`${text} has to be in the page once`)
  }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, page)
}

/**
 * @param {string} entry @param {import('esbuild').BuildOptions} [options]
 * @returns {Promise<string>} text that may stand between the tags
 */
async function bundle(entry, options = {}) {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(source, entry)],
    bundle: true,
    minify: true,
    charset: 'utf8',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    legalComments: 'none',
    write: false,
    logLevel: 'warning',
    absWorkingDir: root,
    define: { 'process.env.NODE_ENV': '"production"' },
    ...options,
  })
  for (const input of Object.keys(metafile?.inputs ?? {})) {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? []
    if (name !== undefined && !bundled.includes(name))
      throw new PageError(`${name} is in the page without its licence: add it to \`bundled\``)
  }
  const text = (outputFiles?.[0]?.text ?? '').trim()
  if (/<\/(script|style)|<!--/i.test(text)) throw new PageError(`${entry} would end its own tag`)
  return text
}

/** Nothing is loaded and nothing is sent; a served page alone may ask its own server. @param {readonly string[]} scripts @param {string} style */
function policy(scripts, style) {
  const hash = (/** @type {string} */ text) =>
    `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    `script-src ${scripts.map(hash).join(' ')}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** @param {string} name */
function notice(name) {
  const folder = join(root, 'node_modules', name)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const text = readFileSync(join(folder, 'LICENSE'), 'utf8').trim()
  if (text.includes('--')) throw new PageError(`the licence of ${name} would end its comment`)
  return `${name} ${version}\n\n${text}`
}

class PageError extends Error {}

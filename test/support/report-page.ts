import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, inject, type TestContext } from 'vitest'
import { launch } from '../../scripts/chromium.mjs'
import type { ReportPayload } from '../../src/report/payload.ts'
import { atTestEnd } from './at-test-end.ts'
import { reportHtml } from './report-fixture.ts'

/** A page of a report in Chromium. */
export interface OpenReport {
  readonly page: Page
  /** Addresses that it asked for, beside its own. */
  readonly requests: readonly string[]
  /** Errors of its script, and what its policy forbade. */
  readonly errors: readonly string[]
  /** Goes to `#/…`. */
  readonly goTo: (place: string) => Promise<void>
}

export interface ReportOptions extends BrowserContextOptions {
  /** `#/…`; the overview by default. */
  readonly place?: string
}

/** Starts one Chromium for the tests of a file; `open` skips the test where there is none. */
export function useChromium(): {
  readonly open: (
    context: TestContext,
    payload: ReportPayload,
    options?: ReportOptions,
  ) => Promise<OpenReport>
  /** The same for an address that is served. */
  readonly openUrl: (
    context: TestContext,
    url: string,
    options?: ReportOptions,
  ) => Promise<OpenReport>
} {
  let browser: Browser | undefined
  const found = inject('chromium')
  beforeAll(async () => {
    if (found.available) browser = await launch(found.path)
  })
  afterAll(async () => {
    await browser?.close()
  })
  const openUrl = async (context: TestContext, url: string, options: ReportOptions = {}) => {
    if (!found.available) context.skip(`no Chromium: ${found.reason}`)
    if (browser === undefined) throw new Error('open() outside of a test')
    return openIn(browser, url, options)
  }
  return {
    openUrl,
    open: async (context, payload, options) => {
      if (!found.available) context.skip(`no Chromium: ${found.reason}`)
      const folder = mkdtempSync(join(realpathSync(tmpdir()), 'backhaul-page-'))
      atTestEnd(() => rmSync(folder, { recursive: true, force: true }))
      const path = join(folder, 'report.html')
      writeFileSync(path, reportHtml(payload))
      return openUrl(context, pathToFileURL(path).href, options)
    },
  }
}

async function openIn(
  browser: Browser,
  url: string,
  { place = '', ...options }: ReportOptions,
): Promise<OpenReport> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    ...options,
  })
  atTestEnd(() => context.close())
  const requests: string[] = []
  const errors: string[] = []
  const own = new URL('.', url).href
  await context.route('**/*', async (route) => {
    const asked = route.request().url()
    if (asked === url || (url.startsWith('http') && asked.startsWith(own))) return route.continue()
    requests.push(asked)
    return route.abort()
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  const goTo = async (to: string) => {
    // Two frames later the new view is drawn.
    await page.evaluate(`new Promise((resolve) => {
      const soon = () => requestAnimationFrame(() => requestAnimationFrame(resolve))
      const before = location.hash
      location.hash = ${JSON.stringify(to)}
      if (location.hash === before) soon()
      else addEventListener('hashchange', soon, { once: true })
    })`)
  }
  await page.goto(`${url}${place}`)
  await page.locator('h1').first().waitFor()
  return { page, requests, errors, goTo }
}

// npm run bench:report: how soon a report of 100,000 changes can be read and searched, in Chromium, from the opened file on.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureChromium, launch } from '../scripts/chromium.mjs'
import { largeReport, reportHtml } from '../test/support/report-fixture.ts'

const changes = 100_000
const rounds = 5

const found = await ensureChromium()
if (!found.available) {
  process.stderr.write(`${found.reason}\n`)
  process.exit(1)
}
const folder = mkdtempSync(join(tmpdir(), 'backhaul-bench-'))
const path = join(folder, 'report.html')
writeFileSync(path, reportHtml(largeReport(changes)))
const browser = await launch(found.path)
try {
  const interactive: number[] = []
  const searched: number[] = []
  for (let round = 0; round < rounds; round++) {
    const page = await browser.newPage()
    await page.goto(`${pathToFileURL(path).href}#/changes`)
    await page.locator('h1').waitFor()
    interactive.push(
      await page.evaluate<number>(`performance.getEntriesByName('interactive')[0].startTime`),
    )
    const started = performance.now()
    await page.getByRole('searchbox').fill('1099999')
    await page.getByText(`1 of ${changes.toLocaleString('en-US')} changes`).waitFor()
    searched.push(performance.now() - started)
    await page.close()
  }
  const megabytes = (statSync(path).size / 1e6).toFixed(1)
  process.stdout.write(
    `${changes.toLocaleString('en-US')} changes, ${megabytes} MB, Chromium ${found.version}, median of ${rounds}\n` +
      `interactive after ${median(interactive)} ms, first search answered after ${median(searched)} ms\n`,
  )
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}

function median(values: readonly number[]): number {
  return Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0)
}

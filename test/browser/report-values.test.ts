import { expect, test } from 'vitest'
import { hostile, hostileReport, largeReport, reportFixture } from '../support/report-fixture.ts'
import { useChromium } from '../support/report-page.ts'

const { open } = useChromium()

/** Twenty times what it takes on a machine with nothing else to do; `bench/report-page.ts` measures. */
const generousMs = 15_000

test('values are text, whatever they say', async (context) => {
  const { page, goTo, requests, errors } = await open(context, hostileReport())
  for (const place of [
    '#/',
    '#/changes',
    '#/problems',
    '#/requests',
    '#/request/req-0099',
    '#/sync/contacts',
    `#/row/newsletter/${encodeURIComponent(hostile.script)}`,
    '#/row/%E0%A4%A/%',
    `#/changes?q=${encodeURIComponent(hostile.script)}`,
  ]) {
    await goTo(place)
    await expect.poll(() => page.locator('h1').count(), { message: place }).toBe(1)
    expect(await page.evaluate('globalThis.hacked'), place).toBeUndefined()
    expect(await page.locator('main img[src], main script').count(), place).toBe(0)
    await expect
      .poll(() => page.locator('a[href^="javascript"]').count(), { message: place })
      .toBe(0)
  }
  expect(requests).toEqual([])
  expect(errors).toEqual([])
})

test('values are shown as they are, their direction and length kept in bounds', async (context) => {
  const { page } = await open(context, hostileReport(), { place: '#/changes' })
  const text = await page.getByRole('table', { name: 'Changes' }).innerText()
  expect(text).toContain(hostile.script)
  expect(text).toContain(hostile.end)
  expect(text).toContain(hostile.emoji)
  // What turns text around, or cannot be seen, is written by its code.
  expect(text).toContain('abcU+202Egnp.exeU+200FU+2066')
  expect(text).toContain('threeU+0000')
  expect(text).not.toContain('lorem ipsum end')
  await page
    .getByRole('button', { name: /more characters/ })
    .first()
    .click()
  await expect
    .poll(() => page.getByRole('table', { name: 'Changes' }).innerText())
    .toContain('lorem ipsum end')
})

test('100,000 changes can be read and searched at once', async (context) => {
  const { page, errors } = await open(context, largeReport(100_000), { place: '#/changes' })
  const interactive = await page.evaluate(
    `performance.getEntriesByName('interactive')[0].startTime`,
  )
  expect(interactive).toBeLessThan(generousMs)
  await expect
    .poll(() => page.locator('.lede').innerText())
    .toBe('100,000 changes, newest run first')
  // What is not near the window is not there.
  await expect.poll(() => page.locator('main [role="row"]').count()).toBeLessThan(80)

  const before = performance.now()
  await page.getByRole('searchbox').fill('1099999')
  await expect
    .poll(() => page.locator('.lede').innerText(), { timeout: generousMs })
    .toBe('1 of 100,000 changes, newest run first')
  expect(performance.now() - before).toBeLessThan(generousMs)
  await page.getByRole('searchbox').fill('')
  await expect.poll(() => page.locator('main [role="row"]').count()).toBeGreaterThan(10)

  await page.locator('[aria-rowindex="2"]').focus()
  await page.keyboard.press('End')
  await page.locator('[aria-rowindex="100001"]').waitFor()
  await expect.poll(() => page.locator('[aria-rowindex="100001"]').innerText()).toContain('1099999')
  expect(errors).toEqual([])
})

test('a name without an end widens no page', async (context) => {
  const report = reportFixture()
  const endless = 'z'.repeat(300)
  const problems = report.problems.map((one) => ({ ...one, property: endless, sync: endless }))
  const syncs = report.syncs.map((one) => ({ ...one, name: `${one.name}_${endless}` }))
  const runs = report.runs.map((one) => ({ ...one, sync: endless, errorMessage: endless }))
  const { page, goTo } = await open(
    context,
    { ...report, problems, syncs, runs },
    { viewport: { width: 320, height: 640 } },
  )
  for (const place of ['#/', '#/runs', '#/syncs', '#/problems', `#/sync/${endless}`]) {
    await goTo(place)
    const [shown, wide] = (await page.evaluate(
      '[document.documentElement.clientWidth, document.documentElement.scrollWidth]',
    )) as [number, number]
    expect(wide, place).toBe(shown)
  }
})

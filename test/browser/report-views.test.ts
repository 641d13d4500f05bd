import { expect, test } from 'vitest'
import { emptyReport, reportFixture } from '../support/report-fixture.ts'
import { useChromium } from '../support/report-page.ts'

const { open } = useChromium()

test('the overview says which syncs are well, and tells of the newest run', async (context) => {
  const { page, requests, errors } = await open(context, reportFixture())
  await expect.poll(() => page.locator('h1').innerText()).toBe('2 syncs did not succeed')
  const contacts = await page.getByRole('row', { name: /^contacts/ }).innerText()
  expect(contacts).toContain('partial')
  expect(contacts).toContain('48,210 succeeded, 12 rejected, 3 parked, 40 pending')
  expect(contacts).toContain('12 rows do not come through')
  const story = await page.locator('.story-of-run').innerText()
  expect(story).toContain('9 write calls (6 planned), 2 reads')
  expect(story).toContain('the plan removes 120 of 922 members')
  const chart = page.getByRole('img', { name: /^Rows by outcome in 129 runs from 2026-11-12/ })
  await chart.locator('canvas').waitFor()
  expect(requests).toEqual([])
  expect(errors).toEqual([])
})

test('a chart has its values as a table', async (context) => {
  const { page } = await open(context, reportFixture())
  await page.getByText('Show as a table').click()
  const table = page.getByRole('region', { name: /^Table: Rows by outcome/ })
  await expect.poll(() => table.getByRole('columnheader').allInnerTexts()).toContain('created')
  await expect.poll(() => table.getByRole('rowheader').first().innerText()).toMatch(/^2026-11-12/)
})

test('the bar of the only run stands in the middle, whatever years lie around it', async (context) => {
  const report = reportFixture()
  const runs = report.runs.filter(({ sync }) => sync === 'contacts').slice(0, 1)
  const { page } = await open(context, { ...report, runs }, { place: '#/runs' })
  await page.locator('canvas').waitFor()
  const [from, to] = (await page.evaluate(`(() => {
    const canvas = document.querySelector('canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const places = []
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 3] === 255 && Math.abs(data[at] - data[at + 1]) > 60) places.push(((at / 4) % canvas.width) / canvas.width)
    return [Math.min(...places), Math.max(...places)]
  })()`)) as [number, number]
  expect(from).toBeGreaterThan(0.3)
  expect(to).toBeLessThan(0.7)
})

test('a run says what became of its rows, why it stopped, and what to do', async (context) => {
  const { page, goTo } = await open(context, reportFixture(), { place: '#/run/01J00562NEW' })
  await expect.poll(() => page.locator('h1').innerText()).toBe('Run of newsletter')
  await expect
    .poll(() => page.locator('.trouble').innerText())
    .toContain('max_removals allows 10 %')
  await expect
    .poll(() => page.locator('main').innerText())
    .toContain('nothing was written to HubSpot')
  await goTo('#/run/01J00561CON')
  const main = await page.locator('main').innerText()
  expect(main).toContain('The same backhaul run ran newsletter (guarded), companies (succeeded)')
  await page.getByRole('link', { name: '2 rows' }).click()
  await expect.poll(() => new URL(page.url()).hash).toBe('#/changes?run=01J00561CON&problem=0')
  await expect.poll(() => page.locator('.lede').innerText()).toContain('2 of 431 changes')
})

test('a sync lists its runs, its properties, and the rows that do not come through', async (context) => {
  const { page } = await open(context, reportFixture(), { place: '#/sync/contacts' })
  const main = await page.locator('main').innerText()
  expect(main).toContain('sends the 40 rows that are pending')
  expect(main).toContain('such as row 1007')
  await page.getByRole('link', { name: 'lifecyclestage' }).click()
  await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('lifecyclestage=')
})

test('problems are grouped, say what to do, and lead to their rows', async (context) => {
  const { page } = await open(context, reportFixture(), { place: '#/problems' })
  const first = page.locator('.problem').first()
  await expect.poll(() => first.innerText()).toMatch(/12\s+rows/)
  await expect.poll(() => first.innerText()).toContain('filter these rows out with where:')
  await first.getByRole('link', { name: 'Show the rows' }).click()
  await expect.poll(() => page.locator('.lede').innerText()).toMatch(/^\d+ of 431 changes/)
  await expect
    .poll(() => page.getByRole('button', { name: /problem INVALID_EMAIL/ }).count())
    .toBe(1)
})

test('requests stand on a time line with retries and limits, and lead to their rows and back', async (context) => {
  const { page } = await open(context, reportFixture(), { place: '#/requests' })
  await page.getByRole('img', { name: /3 429: over the limit, 1 error, 1 no answer/ }).waitFor()
  await page.getByRole('img', { name: /of 190 that the account allows/ }).waitFor()
  await page
    .getByText(/^At the least 13 of 190 requests were left of the limit, at 2026-/)
    .waitFor()
  await page.getByRole('combobox', { name: 'Answer' }).selectOption('limit')
  await expect.poll(() => page.locator('.lede').innerText()).toBe('3 requests, newest first')
  await expect.poll(() => new URL(page.url()).hash).toBe('#/requests?answer=limit')
  await page.goto(`${page.url().split('#')[0]}#/request/req-0099`)
  await expect.poll(() => page.locator('main').innerText()).toContain('c99@example.com')
  await expect.poll(() => page.locator('.figures').innerText()).toMatch(/left of limit\s+73 of 190/)
  await page.getByRole('link', { name: '1001', exact: true }).click()
  await expect.poll(() => page.locator('h1').innerText()).toBe('Row 1001')
  await page.locator('.story').getByRole('link', { name: 'req-0099' }).click()
  await expect
    .poll(() => page.locator('h1').innerText())
    .toContain('/crm/v3/objects/contacts/batch/upsert')
})

test('one row has its story under an address of its own', async (context) => {
  const { page } = await open(context, reportFixture(), { place: '#/row/contacts/1001' })
  const story = await page.locator('.story').innerText()
  expect(story).toMatch(/lifecyclestage\s*lead\s*→\s*opportunity/)
  expect(story).toContain('companies/sync:account_id')
  const record = page.locator('.lede').getByRole('link', { name: /901001/ })
  await expect
    .poll(() => record.getAttribute('href'))
    .toBe('https://app-eu1.hubspot.com/contacts/4711001/record/0-1/901001')
  await expect
    .poll(() => page.locator('main').innerText())
    .toContain("backhaul show contacts '1001'")
})

test('empty pages say what to do', async (context) => {
  const { page, goTo, errors } = await open(context, emptyReport())
  const places: readonly (readonly [string, string])[] = [
    ['#/', 'No sync has run yet'],
    ['#/runs', 'backhaul run sends what has changed'],
    ['#/changes', 'No run has changed anything'],
    ['#/problems', 'No row was rejected'],
    ['#/requests', 'audit: {requests: full} in backhaul.yml'],
    ['#/row/contacts/1', "backhaul show contacts '1'"],
    ['#/run/none', 'make a report that begins earlier'],
    ['#/sync/none', 'Look at all syncs'],
    ['#/request/none', 'audit.requests'],
    ['#/nowhere', 'Go to the overview'],
  ]
  for (const [place, text] of places) {
    await goTo(place)
    await expect.poll(() => page.locator('main').innerText(), { message: place }).toContain(text)
  }
  expect(errors).toEqual([])
})

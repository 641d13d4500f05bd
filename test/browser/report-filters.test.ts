import { expect, test } from 'vitest'
import { reportFixture } from '../support/report-fixture.ts'
import { useChromium } from '../support/report-page.ts'

const { open } = useChromium()

test('what is searched for is in the address, and an address is a search', async (context) => {
  const { page } = await open(context, reportFixture(), { place: '#/changes' })
  const count = page.locator('.lede')
  await expect.poll(() => count.innerText()).toBe('431 changes, newest run first')
  await page.getByRole('searchbox').fill('Lifecyclestage=CUSTOMER')
  await expect.poll(() => count.innerText()).toMatch(/^74 of 431 changes/)
  await expect.poll(() => new URL(page.url()).hash).toBe('#/changes?q=Lifecyclestage%3DCUSTOMER')
  await page.getByLabel('Outcome').selectOption('rejected')
  await expect.poll(() => count.innerText()).not.toMatch(/^74 of/)
  const narrowed = await count.innerText()
  expect(narrowed).toMatch(/^\d\d? of 431 changes/)

  const again = await open(context, reportFixture(), { place: new URL(page.url()).hash })
  await expect.poll(() => again.page.locator('.lede').innerText()).toBe(narrowed)
  await expect
    .poll(() => again.page.getByRole('searchbox').inputValue())
    .toBe('Lifecyclestage=CUSTOMER')
  await expect.poll(() => again.page.getByLabel('Outcome').inputValue()).toBe('rejected')

  await page.getByRole('searchbox').fill('nothing has this')
  await page.getByText('No change matches.').waitFor()
  await page.getByRole('link', { name: 'take all filters off' }).click()
  await expect.poll(() => count.innerText()).toBe('431 changes, newest run first')
})

test.for([
  ['row id', '1007', '1007'],
  ['record id', '901007', '1007'],
  ['target of a link', 'companies/sync:account_id', '1001'],
  ['message', 'is invalid', 'INVALID_EMAIL'],
])('changes are found by %s', async ([, text = '', found = ''], context) => {
  const { page } = await open(context, reportFixture(), {
    place: `#/changes?q=${encodeURIComponent(text)}`,
  })
  const rows = page.getByRole('table', { name: 'Changes' }).getByRole('row')
  await expect.poll(() => rows.nth(1).innerText()).toContain(found)
})

test('a filter that came by a link is taken off by its button', async (context) => {
  const { page } = await open(context, reportFixture(), { place: '#/changes?run=01J00561CON' })
  await expect
    .poll(() => page.locator('.lede').innerText())
    .toBe('21 of 431 changes, newest run first')
  await page.getByRole('button', { name: /run of 2026-11-26/ }).click()
  await expect.poll(() => page.locator('.lede').innerText()).toBe('431 changes, newest run first')
})

test('back goes to the place before, with its filters', async (context) => {
  const { page } = await open(context, reportFixture(), { place: '#/changes?sync=companies' })
  await page.getByRole('link', { name: 'Problems' }).click()
  await expect.poll(() => page.locator('h1').innerText()).toBe('Problems')
  await page.goBack()
  await expect.poll(() => page.getByLabel('Sync').inputValue()).toBe('companies')
})

test('the keyboard alone reads a report', async (context) => {
  const { page } = await open(context, reportFixture())
  await page.keyboard.press('Tab')
  await expect
    .poll(() => page.evaluate('document.activeElement.textContent'))
    .toBe('Skip to the content')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('main')
  await expect.poll(() => new URL(page.url()).hash).toBe('')

  await page.keyboard.press('/')
  await expect.poll(() => page.evaluate('document.activeElement.type')).toBe('search')
  await page.keyboard.type('/crm')
  await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('/crm')
  await page.getByRole('searchbox').fill('')
  await expect.poll(() => page.locator('.lede').innerText()).toBe('431 changes, newest run first')

  const focused = () => page.evaluate('document.activeElement.getAttribute("aria-rowindex")')
  await page.locator('[aria-rowindex="2"]').focus()
  await page.keyboard.press('ArrowDown')
  await expect.poll(focused).toBe('3')
  await page.keyboard.press('End')
  await expect.poll(focused).toBe('432')
  await page.keyboard.press('Home')
  await expect.poll(focused).toBe('2')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('h1').innerText()).toBe('Row 1001')
  // The heading of the new page is where reading goes on.
  await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1')
})

test('colours follow the system until they are chosen', async (context) => {
  const { page } = await open(context, reportFixture(), { colorScheme: 'dark' })
  const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  await expect.poll(paper).toBe('rgb(20, 21, 23)')
  await page.getByRole('button', { name: 'Colours: auto. Switch to light' }).click()
  await expect.poll(paper).toBe('rgb(253, 253, 252)')

  // Kept by the browser, and there from the first paint on, before what the page holds.
  await page.addInitScript(`new MutationObserver((_, observer) => {
    if (document.body === null) return
    window.firstTheme = document.documentElement.dataset.theme
    observer.disconnect()
  }).observe(document, { childList: true, subtree: true })`)
  await page.reload()
  expect(await page.evaluate('window.firstTheme')).toBe('light')
  await expect.poll(paper).toBe('rgb(253, 253, 252)')
})

test('on paper there are rows, and nothing to press', async (context) => {
  const { page } = await open(context, reportFixture(), { place: '#/changes' })
  await page.emulateMedia({ media: 'print' })
  await page.locator('.printed').waitFor()
  await expect.poll(() => page.locator('.printed [role="row"]').count()).toBe(201)
  await expect.poll(() => page.getByText('The first 200 of 431 rows').isVisible()).toBe(true)
  await expect.poll(() => page.getByRole('searchbox').isVisible()).toBe(false)
  expect((await page.pdf()).length).toBeGreaterThan(20_000)
})

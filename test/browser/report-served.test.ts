import { expect, test } from 'vitest'
import { useChromium } from '../support/report-page.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { smallShop } from '../support/small-shop.ts'

const { openUrl } = useChromium()

const people = `create table people as select i as id, 'p' || i || '@shop.example' as email, 'Name ' || i as first_name
from generate_series(1, 1500) as t (i)`

test('a page that `report --serve` serves shows a run while it is under way, and what it changed', async (context) => {
  const sandbox = await strictSandbox({ latencyMs: 200 })
  const project = await smallShop({ engine: 'duckdb', sandbox, tables: [people] })
  const server = project.start(['report', '--serve'])
  const [, url = ''] = await server.waitFor(/^(http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/)$/m, 30_000)
  const { page, requests, errors } = await openUrl(context, url)
  await expect.poll(() => page.locator('main').innerText()).toContain('No sync has run yet')

  const run = project.run(['run'])
  await page.getByRole('progressbar', { name: 'Progress of contacts' }).waitFor()
  await page.getByRole('img', { name: /^Calls per 10 s/ }).waitFor()
  expect((await run).exitCode).toBe(0)
  await page.getByText('The sync is well').waitFor()
  await expect.poll(() => page.locator('.story-of-run').innerText()).toContain('1,500 created')

  await page.getByRole('link', { name: 'Changes', exact: true }).click()
  await page.getByRole('searchbox').fill('email=p77@shop.example')
  await page.getByRole('link', { name: '77', exact: true }).click()
  await page.getByText('What HubSpot was last sent').waitFor()
  expect(requests).toEqual([])
  expect(errors).toEqual([])
})

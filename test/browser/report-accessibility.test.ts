import axe from 'axe-core'
import { expect, test } from 'vitest'
import { emptyReport, reportFixture } from '../support/report-fixture.ts'
import { type OpenReport, type ReportOptions, useChromium } from '../support/report-page.ts'

const { open } = useChromium()

const places = [
  '#/',
  '#/runs',
  '#/run/01J00561CON',
  '#/run/01J00562NEW',
  '#/syncs',
  '#/sync/contacts',
  '#/changes',
  '#/changes?run=01J00561CON&q=lead',
  '#/problems',
  '#/requests',
  '#/request/req-0099',
  '#/row/contacts/1001',
  '#/nowhere',
]

/** Other colours change nothing else. */
const colourRules = ['color-contrast', 'link-in-text-block']

const looks: readonly (readonly [look: string, options: ReportOptions, rules?: string[]])[] = [
  ['in light colours', { colorScheme: 'light' }],
  ['in dark colours', { colorScheme: 'dark' }, colourRules],
  ['on a phone', { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true }],
]

test.for(looks)('%s, axe finds nothing wrong in any view', async ([, options, rules], context) => {
  const report = await open(context, reportFixture(), options)
  await report.page.evaluate(axe.source)
  const found: string[] = []
  for (const place of places) {
    await report.goTo(place)
    if (place === '#/') await report.page.getByText('Show as a table').click()
    found.push(...(await violations(report, place, rules)))
  }
  expect(found).toEqual([])
})

test('axe finds nothing wrong where there is nothing', async (context) => {
  const report = await open(context, emptyReport())
  await report.page.evaluate(axe.source)
  const found: string[] = []
  for (const place of ['#/', '#/runs', '#/changes', '#/problems', '#/requests']) {
    await report.goTo(place)
    found.push(...(await violations(report, place)))
  }
  expect(found).toEqual([])
})

test('on a phone nothing is wider than the screen', async (context) => {
  const viewport = { width: 375, height: 740 }
  const { page, goTo } = await open(context, reportFixture(), { viewport })
  const wide: string[] = []
  for (const place of places) {
    await goTo(place)
    const width = await page.evaluate('document.documentElement.scrollWidth')
    if (width !== 375) wide.push(`${place}: ${width}`)
  }
  expect(wide).toEqual([])
})

async function violations(
  { page }: OpenReport,
  place: string,
  runOnly?: string[],
): Promise<string[]> {
  const options = JSON.stringify({ resultTypes: ['violations'], runOnly })
  const { violations: found } = (await page.evaluate(`axe.run(${options})`)) as axe.AxeResults
  return found.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(({ html, failureSummary }) => `${place} ${id}: ${html} ${failureSummary}`),
  )
}

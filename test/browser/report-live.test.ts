import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { LiveCalls, LiveRequest, ServedProgress } from '../../src/report/live.ts'
import type { ReportPayload, ReportRow } from '../../src/report/payload.ts'
import { atTestEnd } from '../support/at-test-end.ts'
import { reportFixture, reportHtml } from '../support/report-fixture.ts'
import { useChromium } from '../support/report-page.ts'
import { textOfPayload } from '../support/report-payload.ts'

const { openUrl } = useChromium()

test('a served page follows a run, and says so to those who do not see it', async (context) => {
  const server = await serve(reportFixture())
  const { page, requests, errors } = await openUrl(context, server.url)
  await page.getByText('live', { exact: true }).waitFor()

  server.send('progress', progress({ done: 1200, total: 5000 }))
  const bar = page.getByRole('progressbar', { name: 'Progress of contacts' })
  await bar.waitFor()
  await expect.poll(() => bar.getAttribute('value')).toBe('1200')
  const told = page.locator('[aria-live="polite"]')
  await expect.poll(() => told.textContent()).toBe('contacts: 1,200 sent of 5,000, 3 rejected')
  const at = '2026-11-26T09:00:01.000Z'
  server.send('live', { ...calls, at })
  await page
    .getByRole('img', { name: /Calls per 10 s .* of 190 that the account allows/ })
    .waitFor()
  server.send('live', { ...refused, at })
  await page.getByText('RATE_LIMITS').waitFor()
  // Not every step is read out.
  server.send('progress', progress({ done: 1300, total: 5000 }))
  await expect.poll(() => bar.getAttribute('value')).toBe('1300')
  await expect.poll(() => told.textContent()).toContain('1,200')

  server.send('progress', progress({ status: 'succeeded', done: 5000, total: 5000 }))
  await expect.poll(() => told.textContent()).toBe('contacts succeeded')
  await expect.poll(() => bar.count()).toBe(0)

  const fixture = reportFixture()
  const generatedAt = '2026-11-26T09:30:00.000Z'
  server.show({
    ...fixture,
    generatedAt,
    syncs: fixture.syncs.map((sync) => ({ ...sync, status: 'succeeded', errors: [] })),
  })
  server.send('changed', { generatedAt })
  await page.getByText('All 3 syncs are well').waitFor()
  await expect.poll(() => page.locator('.as-of').innerText()).toContain('2026-11-26 09:30:00')
  const fetched = server.asked.filter((path) => path.endsWith('payload.ndjson')).length
  // It has that one.
  server.send('changed', { generatedAt })
  server.send('progress', progress({ done: null, total: null }))
  await bar.waitFor()
  expect(server.asked.filter((path) => path.endsWith('payload.ndjson'))).toHaveLength(fetched)
  expect(requests).toEqual([])
  expect(errors).toEqual([])
})

test('a served page tells how the state of a row stands', async (context) => {
  const server = await serve(reportFixture())
  const { page } = await openUrl(context, server.url, { place: '#/row/contacts/1001' })
  const main = page.locator('main')
  await main.getByText('How it stands').waitFor()
  await expect.poll(() => main.innerText()).toContain('What HubSpot was last sent')
  await expect.poll(() => main.innerText()).toMatch(/lifecyclestage\s+opportunity/)
  expect(server.asked).toContain('/token/row.json?sync=contacts&row=1001')
})

test('a served page whose server is gone says so', async (context) => {
  const server = await serve(reportFixture())
  const { page } = await openUrl(context, server.url)
  await page.getByText('live', { exact: true }).waitFor()
  server.stop()
  await page.getByText('no connection', { exact: false }).waitFor()
})

const progress = (facts: Partial<ServedProgress>): ServedProgress => ({
  sync: 'contacts',
  runId: 'r1',
  status: 'running',
  done: 0,
  total: 0,
  rejected: 3,
  ...facts,
})

const calls: Omit<LiveCalls, 'at'> = {
  type: 'calls',
  invocationId: 'i1',
  made: 17,
  failed: 1,
  repeated: 0,
  limited: 1,
  limitPerTenSeconds: 190,
  remaining: 120,
}

const refused: Omit<LiveRequest, 'at'> = {
  type: 'request',
  invocationId: 'i1',
  requestId: 'q1',
  method: 'POST',
  path: '/crm/v3/objects/contacts/batch/upsert',
  status: 429,
  attempt: 1,
  milliseconds: 20,
  inputs: 100,
  category: 'RATE_LIMITS',
}

/** What `backhaul report --serve` answers, with the events that a test sends. */
async function serve(first: ReportPayload) {
  let payload = first
  const asked: string[] = []
  const listeners = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const json = (value: unknown) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    if (path === '/token/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': hello\n\n')
      listeners.add(response)
    } else if (path === '/token/payload.ndjson') response.end(textOfPayload(payload))
    else if (path.startsWith('/token/row.json')) json(row)
    else {
      const html = reportHtml(payload)
        .replace('id="payload">', 'id="payload" data-live="">')
        .replace("connect-src 'none'", "connect-src 'self'")
      response.setHeader('content-type', 'text/html; charset=utf-8').end(html)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  atTestEnd(stop)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token/`,
    asked,
    stop,
    show: (next: ReportPayload) => {
      payload = next
    },
    send: (event: string, value: unknown) => {
      for (const listener of listeners)
        listener.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`)
    },
  }
}

const row: ReportRow = {
  sync: 'contacts',
  rowId: '1001',
  state: {
    recordId: '901001',
    status: 'succeeded',
    attempts: 0,
    nextAttemptAt: null,
    errorCategory: null,
    errorMessage: null,
    advice: null,
    firstSyncedAt: '2026-11-12T06:00:05.000Z',
    lastSyncedAt: '2026-11-26T06:00:05.000Z',
    sent: { lifecyclestage: 'opportunity', phone: '' },
  },
  url: 'https://app-eu1.hubspot.com/contacts/4711001/record/0-1/901001',
  links: [],
  attempts: [],
}

import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ReportRow } from '../../src/report/payload.ts'
import { atTestEnd } from '../support/at-test-end.ts'
import type { TestProject } from '../support/project.ts'
import { wholePayload } from '../support/report-payload.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { smallShop } from '../support/small-shop.ts'
import { localEngines } from '../support/warehouses.ts'

interface Message {
  readonly id: string
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: read as whatever the page reads it as
  readonly body: any
}

/** Server-sent events as a browser reads them, as far as the report's page does. */
async function listen(url: string, lastEventId?: string) {
  const abort = new AbortController()
  atTestEnd(async () => abort.abort())
  const answer = await fetch(`${url}events`, {
    signal: abort.signal,
    headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
  })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const messages: Message[] = []
  const read = async () => {
    let rest = ''
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = `${rest}${piece}`.split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(
          block
            .split('\n')
            .map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]),
        )
        const data = fields.get('data')
        if (data !== undefined)
          messages.push({
            id: fields.get('id') ?? '',
            event: fields.get('event') ?? '',
            body: JSON.parse(data),
          })
      }
    }
  }
  read().catch(() => undefined)
  const waitFor = async (isMeant: (message: Message) => boolean) => {
    for (let round = 0; round < 300; round += 1) {
      const found = messages.find(isMeant)
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`No such message among ${JSON.stringify(messages)}`)
  }
  return { messages, waitFor, close: () => abort.abort() }
}

/** A request whose Host header is as given; `fetch` writes its own. */
const statusFor = (url: string, host: string, method = 'GET') =>
  new Promise<number | undefined>((resolve, reject) => {
    request(url, { method, headers: { Host: host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })

async function startServer(project: TestProject, ...args: readonly string[]) {
  const server = project.start(['report', '--serve', ...args], {
    HUBSPOT_ACCESS_TOKEN: '',
    HUBSPOT_BASE_URL: '',
  })
  const [, url = ''] = await server.waitFor(/^(http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/)$/m, 30_000)
  return { server, url }
}

const people = (count: number) =>
  `create table people as select i as id, 'p' || i || '@shop.example' as email, 'Name ' || i as first_name from generate_series(1, ${count}) as t (i)`

for (const { name, missing } of localEngines()) {
  test.skipIf(missing !== undefined)(
    `a page is live while another process runs, and new when that has ended (${name})`,
    async () => {
      const sandbox = await strictSandbox({ latencyMs: 150 })
      const project = await smallShop({ engine: name, sandbox, tables: [people(600)] })
      const { server, url } = await startServer(project)
      const payload = async () => wholePayload(await (await fetch(`${url}payload.ndjson`)).text())
      expect((await payload()).note).toContain('No run is recorded')
      const html = await (await fetch(url)).text()
      expect(html).toContain('data-live=""')
      expect(html).toContain("connect-src 'self'")

      const page = await listen(url)
      const run = await project.run(['run'])
      expect(run.exitCode, run.stderr).toBe(0)
      const changed = await page.waitFor(({ event }) => event === 'changed')
      const told = page.messages.map(({ event, body }) => `${event} ${body.type ?? body.status}`)
      for (const one of [
        'live run-started',
        'live sync-planned',
        'live request',
        'live calls',
        'live sync-progress',
        'progress running',
        'progress succeeded',
        'live sync-ended',
        'live run-ended',
      ])
        expect(told).toContain(one)
      const live = (type: string) => page.messages.find(({ body }) => body.type === type)?.body
      expect(live('sync-planned')).toMatchObject({ sync: 'contacts', total: 600 })
      expect(live('run-ended')).toMatchObject({ exitCode: 0 })
      expect(JSON.stringify(page.messages)).not.toMatch(/shop\.example|Name \d/)

      const after = await payload()
      expect(after).toMatchObject({ note: null, generatedAt: changed.body.generatedAt })
      expect(after.runs).toMatchObject([{ sync: 'contacts', counts: { created: 600 } }])

      // Who was away gets what was missed, who comes later what is still true, who was at another server starts anew.
      const half = page.messages[Math.floor(page.messages.length / 2)]
      const again = await listen(url, half?.id)
      await again.waitFor(({ event }) => event === 'changed')
      const missed = page.messages.slice(page.messages.indexOf(half as Message) + 1)
      expect(again.messages).toEqual(missed)
      const other = await listen(url, '0123456789ab-3')
      await other.waitFor(({ event }) => event === 'changed')
      expect(other.messages).toHaveLength(1)

      const row = await fetch(`${url}row.json?sync=contacts&row=7`)
      expect((await row.json()) as ReportRow).toMatchObject({
        state: { status: 'succeeded', recordId: expect.any(String), sent: { firstname: 'Name 7' } },
        attempts: [{ outcome: 'succeeded', values: { firstname: [null, 'Name 7'] } }],
      })
      expect((await fetch(`${url}row.json?sync=contacts&row=nobody`)).status).toBe(404)

      server.signal('SIGINT')
      expect((await server.finished).exitCode).toBe(0)
    },
  )
}

test('nobody gets anything without the token, by another name, or in another way', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox })
  await project.run(['run'])
  const { url } = await startServer(project)
  const { origin, host, port } = new URL(url)
  for (const path of [
    '/',
    '//',
    '/%',
    '/events',
    '/payload.ndjson',
    '/wrong/',
    '/wrong/payload.ndjson',
  ])
    expect((await fetch(`${origin}${path}`)).status, path).toBe(404)
  expect((await fetch(`${url}../`)).status).toBe(404)
  for (const place of ['', 'events', 'payload.ndjson', 'row.json?sync=contacts&row=1']) {
    expect(await statusFor(`${url}${place}`, `evil.example:${port}`), place).toBe(403)
    expect(await statusFor(`${url}${place}`, host, 'POST'), place).toBe(405)
  }
  expect(await statusFor(url, `localhost:${port}`)).toBe(200)
  const { headers } = await fetch(url, { headers: { Origin: 'https://evil.example' } })
  expect(headers.get('access-control-allow-origin')).toBeNull()
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  const taken = await project.run(['report', '--serve', '--port', port])
  expect(taken.exitCode).toBe(1)
  expect(taken.stderr).toContain(`Port ${port} cannot be had`)
  const both = await project.run(['report', '--serve', '--out', 'x.html'])
  expect(both.exitCode).toBe(2)
})

test('a run that is under way is met half-way, and one that is killed ends all the same', async () => {
  const sandbox = await strictSandbox()
  sandbox.addFault({ kind: 'hang', match: { path: 'batch/upsert' } })
  const project = await smallShop({ sandbox, tables: [people(900)] })
  const run = project.start(['run'])
  await run.waitFor(/contacts/)
  const folder = join(project.dir, 'target', 'backhaul', 'live')
  const { url } = await startServer(project)
  const page = await listen(url)
  const planned = await page.waitFor(({ body }) => body.type === 'sync-planned')
  expect(planned.body.total).toBe(900)
  expect((await fetch(`${url}payload.ndjson`)).status).toBe(200)
  run.signal('SIGKILL')
  await run.finished
  const end = await page.waitFor(({ body }) => body.type === 'run-ended')
  expect(end.body.exitCode).toBeNull()
  await page.waitFor(({ event }) => event === 'changed')
  const [file = ''] = readdirSync(folder)
  expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(/shop\.example|Name \d/)
})

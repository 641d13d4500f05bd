import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { JobEvent } from '../../../src/hook/delivery.ts'
import { type ReceiverOptions, startReceiver } from '../../../src/hook/receiver.ts'
import { silentLogger } from '../../../src/log.ts'
import { atTestEnd } from '../../support/at-test-end.ts'

const secret = 'the-secret-of-the-webhook'

async function receiving(changes: Partial<ReceiverOptions> = {}) {
  const added: JobEvent[] = []
  const lines: string[] = []
  const write = (message: string) => void lines.push(message)
  const receiver = await startReceiver({
    host: '127.0.0.1',
    port: 0,
    secrets: [secret],
    filter: { accountId: '1', jobs: ['10'], environments: [], maxAgeMs: 3_600_000 },
    queue: {
      async add(event) {
        added.push(event)
        return 'queued'
      },
      queued: () => [],
    },
    onQueued: () => {},
    trouble: () => undefined,
    log: { ...silentLogger, debug: write, info: write, warn: write, error: write },
    clock: Date.now,
    ...changes,
  })
  atTestEnd(receiver.close)
  return { ...receiver, webhook: `${receiver.url}/webhook`, added, lines }
}

const webhook = (data: object = {}) =>
  JSON.stringify({
    accountId: 1,
    eventId: 'wev_1',
    eventType: 'job.run.completed',
    timestamp: new Date().toISOString(),
    data: { jobId: '10', runId: '500', environmentId: '100', ...data },
  })

async function post(url: string, body: string, authorization?: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      Authorization: authorization ?? createHmac('sha256', secret).update(body).digest('hex'),
    },
    body,
  })
  return { status: response.status, body: await response.json() }
}

test('a genuine webhook is answered when it is kept', async () => {
  let isKept = false
  const receiver = await receiving({
    queue: {
      async add() {
        await new Promise((done) => setTimeout(done, 50))
        isKept = true
        return 'queued'
      },
      queued: () => [],
    },
  })
  expect(await post(receiver.webhook, webhook())).toEqual({
    status: 200,
    body: { status: 'queued' },
  })
  expect(isKept).toBe(true)
})

test('a forged one is told nothing, and nothing of it is looked at', async () => {
  const receiver = await receiving()
  const forged = createHmac('sha256', 'another').update(webhook()).digest('hex')
  expect(await post(receiver.webhook, webhook(), forged)).toEqual({
    status: 401,
    body: { status: 'wrong signature' },
  })
  expect((await post(receiver.webhook, '{broken', forged)).status).toBe(401)
  expect(receiver.added).toEqual([])
  expect(receiver.lines.join()).not.toContain(secret)
})

test.each([
  ['duplicate', 200],
  ['full', 503],
] as const)('when the queue says %s it answers %i', async (answer, status) => {
  const receiver = await receiving({ queue: { add: async () => answer, queued: () => [] } })
  expect((await post(receiver.webhook, webhook())).status).toBe(status)
})

test('a disk that refuses is no 200, and no path is told', async () => {
  const add = () => Promise.reject(Object.assign(new Error('/secret/place'), { code: 'ENOSPC' }))
  const receiver = await receiving({ queue: { add, queued: () => [] } })
  expect(await post(receiver.webhook, webhook())).toEqual({
    status: 503,
    body: { status: 'cannot be kept now' },
  })
})

test('a body above 64 kB is refused, announced or not', async () => {
  const receiver = await receiving()
  const large = webhook({ jobName: 'x'.repeat(70_000) })
  expect((await post(receiver.webhook, large)).status).toBe(413)
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(large))
      controller.close()
    },
  })
  const chunked = await fetch(receiver.webhook, {
    method: 'POST',
    body: stream,
    duplex: 'half',
  } as RequestInit)
  expect(chunked.status).toBe(413)
  expect(receiver.added).toEqual([])
})

test('a request that breaks off disturbs nobody', async () => {
  const receiver = await receiving()
  const { port } = new URL(receiver.url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"acc')
  await new Promise((done) => setTimeout(done, 50))
  socket.destroy()
  expect((await post(receiver.webhook, webhook())).status).toBe(200)
})

test('those who send slowly keep nobody out for long', async () => {
  const receiver = await receiving()
  const { port } = new URL(receiver.url)
  const ended: Promise<unknown>[] = []
  for (let index = 0; index < 50; index++) {
    const socket = connect(Number(port), '127.0.0.1')
    atTestEnd(() => void socket.destroy())
    ended.push(new Promise((done) => socket.on('error', () => {}).once('close', done)))
    socket.write('POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{')
    socket.resume()
  }
  expect((await post(receiver.webhook, webhook())).status).toBe(200)
  await Promise.all(ended)
}, 12_000)

test.each([
  ['GET', '/webhook', 405],
  ['POST', '/healthz', 405],
  ['GET', '/', 404],
  ['POST', '/webhook/', 404],
  ['GET', '/healthz', 200],
  ['HEAD', '/healthz', 200],
])('%s %s is answered with %i', async (method, path, status) => {
  const receiver = await receiving()
  expect((await fetch(receiver.url + path, { method })).status).toBe(status)
})

test('health tells trouble', async () => {
  const receiver = await receiving({ trouble: () => 'jobs cannot be carried out' })
  const response = await fetch(`${receiver.url}/healthz`)
  expect([response.status, await response.json()]).toEqual([
    503,
    { status: 'jobs cannot be carried out', queued: 0 },
  ])
})

test('closing waits for what is under way, and ends idle connections', async () => {
  const receiver = await receiving({
    queue: {
      async add() {
        await new Promise((done) => setTimeout(done, 100))
        return 'queued'
      },
      queued: () => [],
    },
  })
  const answered = post(receiver.webhook, webhook())
  await new Promise((done) => setTimeout(done, 50))
  await receiver.close()
  expect((await answered).status).toBe(200)
})

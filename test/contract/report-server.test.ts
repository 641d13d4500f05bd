import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type ReportServerOptions, startReportServer } from '../../src/report/server.ts'
import { atTestEnd } from '../support/at-test-end.ts'

async function aServer(options: Partial<ReportServerOptions> = {}) {
  const server = await startReportServer({
    token: 'the-token',
    port: 0,
    page: async () => ['<!doctype html>', 'page'],
    payload: () => ['{}'],
    row: async () => undefined,
    failed: (error) => {
      throw error
    },
    ...options,
  })
  atTestEnd(() => server.close())
  return new URL(server.url)
}

/** Asks for a place, and reads nothing of the answer. */
async function ask({ host, port, pathname }: URL, place: string): Promise<Socket> {
  const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined)
  atTestEnd(async () => {
    socket.destroy()
  })
  await once(socket, 'connect')
  socket.write(`GET ${pathname}${place} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  return socket
}

test('so many pages are served at once and no more, and others when those have gone', async () => {
  const url = await aServer()
  const sockets = await Promise.all(Array.from({ length: 150 }, () => ask(url, 'events')))
  await expect.poll(() => sockets.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(100)
  for (const socket of sockets) socket.destroy()
  await expect
    .poll(() =>
      fetch(url).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200)
})

test('who asks for the page and does not read it is not waited for', async () => {
  let pieces = 0
  const url = await aServer({
    idleMs: 300,
    page: async () =>
      (function* () {
        for (; pieces < 1_000; pieces += 1) yield 'x'.repeat(1_000_000)
      })(),
  })
  const socket = await ask(url, '')
  socket.pause()
  await delay(1_500)
  socket.resume()
  await expect.poll(() => socket.closed).toBe(true)
  expect(pieces).toBeLessThan(100)
})

test('the address works without its last slash, too', async () => {
  const url = await aServer()
  const answer = await fetch(url.href.slice(0, -1))
  expect([answer.status, answer.url]).toEqual([200, url.href])
})

test('rows are looked up one after another, and one that fails holds up no other', async () => {
  let underWay = 0
  let most = 0
  const url = await aServer({
    failed: () => undefined,
    row: async (_sync, rowId) => {
      underWay += 1
      most = Math.max(most, underWay)
      await delay(5)
      underWay -= 1
      if (rowId === '3') throw new TypeError('broken')
      return undefined
    },
  })
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, row) => fetch(`${url}row.json?sync=contacts&row=${row}`)),
  )
  expect(most).toBe(1)
  expect(answers.map(({ status }) => status)).toEqual(
    answers.map((_, row) => (row === 3 ? 500 : 404)),
  )
})

import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Channel, Notice, Outcome } from '../../src/alert/alert.ts'
import { sendNotices } from '../../src/alert/send-notices.ts'
import { alertServices, routingKey } from '../support/alert-services.ts'
import { atTestEnd } from '../support/at-test-end.ts'
import { refusal, smtpServer } from '../support/smtp.ts'
import { notice, place } from '../unit/alert/sample.ts'

/** Sends, and says how long that took. */
async function send(
  channel: Channel,
  notices: readonly Notice[] = [notice()],
  budgetMs = 8_500,
): Promise<{ readonly outcome: Outcome | undefined; readonly ms: number }> {
  const started = performance.now()
  const outcomes = await sendNotices(channel, notices, place, {
    signal: AbortSignal.timeout(budgetMs),
    sleep: async (ms, signal) => {
      await delay(ms, undefined, signal === undefined ? {} : { signal })
    },
    nowMs: () => 1_800_000_000_000,
  })
  expect(outcomes).toHaveLength(notices.length)
  return { outcome: outcomes[0], ms: performance.now() - started }
}

/** Takes connections, and says nothing. */
async function silentServer(): Promise<number> {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const sockets = new Set<{ destroy(): unknown }>()
  server.on('connection', (socket) => sockets.add(socket))
  atTestEnd(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** An address where nobody listens. */
async function goneServer(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  return `http://127.0.0.1:${port}`
}

/** Answers each connection once something was asked. */
async function rawServer(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  atTestEnd(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Writes something ten times a second, for ever. */
function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 100)
  socket.on('close', () => clearInterval(timer))
}

describe('SMTP', () => {
  const to = ['ada@example.com', 'grace@example.com']
  const mailTo = (
    port: number,
    keys: Partial<Extract<Channel, { kind: 'email' }>> = {},
  ): Channel => ({
    kind: 'email',
    host: '127.0.0.1',
    port,
    tls: 'none',
    from: 'Backhaul <backhaul@example.com>',
    to,
    ...keys,
  })
  const login = { username: 'backhaul', password: 'smtp-password' }

  test('one message for several notices, with a login', async () => {
    const server = await smtpServer({ allowInsecureAuth: true })
    const hostile = notice({ subject: 'a\r\nBcc: evil@example.com', text: 'b\r\n.\r\nQUIT' })
    const { outcome } = await send(mailTo(server.port, { login }), [notice(), hostile])
    expect(outcome).toEqual({ isTold: true, answer: 'accepted by the server' })
    expect(server.mails).toMatchObject([{ from: 'backhaul@example.com', to }])
    const [mail] = server.mails
    expect(mail?.raw).toMatch(/^Subject: contacts: 16 rows rejected \(shop, prod\) and 1 more/m)
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated/m)
    const text = mail?.raw.replaceAll('=\r\n', '')
    expect(text).toContain('backhaul status --select contacts --target prod')
  })

  test('subjects break out of no header', async () => {
    const server = await smtpServer()
    const header = 'a\r\nBcc: evil@example.com'
    const outcomes = await sendNotices(
      mailTo(server.port),
      [notice({ subject: header })],
      { ...place, project: header, target: header },
      { signal: AbortSignal.timeout(8_500), sleep: async () => {}, nowMs: () => 0 },
    )
    expect(outcomes).toMatchObject([{ isTold: true }])
    expect(server.mails[0]?.to).toEqual(to)
    expect(server.mails[0]?.raw).not.toMatch(/^Bcc/m)
  })

  const untrusted = /certificate is not trusted.*NODE_EXTRA_CA_CERTS/
  test.each([
    ['STARTTLS with a certificate that nobody knows', {}, { tls: 'starttls' }, untrusted],
    ['TLS with a certificate that nobody knows', { secure: true }, { tls: 'implicit' }, untrusted],
    [
      'no STARTTLS',
      { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] },
      { tls: 'starttls' },
      /offers no STARTTLS/,
    ],
    ['TLS where there is none', {}, { tls: 'implicit' }, /say `tls: starttls`/],
    [
      'a wrong login',
      { allowInsecureAuth: true },
      { login: { username: 'backhaul', password: 'no' } },
      /refused the login \(SMTP 535\)/,
    ],
  ] as const)('%s is told', async (_, options, keys, why) => {
    const server = await smtpServer({
      ...options,
      disabledCommands: [...('disabledCommands' in options ? options.disabledCommands : [])],
    })
    const { outcome } = await send(mailTo(server.port, keys))
    expect(outcome).toEqual({ isTold: false, why: expect.stringMatching(why) })
    expect(JSON.stringify(outcome)).not.toMatch(/example\.com|"no"/)
    expect(server.mails).toEqual([])
  })

  test.each([
    ['later', 451],
    ['never', 552],
  ])('a message that is refused (%s) is told by its code', async (_, code) => {
    const server = await smtpServer({
      onData(stream, _session, done) {
        stream.resume().on('end', () => done(refusal(code, 'not for ada@example.com')))
      },
    })
    const { outcome } = await send(mailTo(server.port))
    expect(outcome).toEqual({ isTold: false, why: `the server refused the message (SMTP ${code})` })
  })

  test('one recipient of two is enough, none is not', async () => {
    const refusing = (isRefused: (address: string) => boolean) =>
      smtpServer({
        onRcptTo: ({ address }, _session, done) =>
          done(isRefused(address) ? refusal(550, `no ${address}`) : null),
      })
    const one = await refusing((address) => address.startsWith('grace'))
    expect((await send(mailTo(one.port))).outcome).toEqual({
      isTold: true,
      answer: '1 of 2 recipients; the first of the others: the server refused the address',
    })
    const none = await refusing(() => true)
    expect((await send(mailTo(none.port))).outcome).toEqual({
      isTold: false,
      why: 'the server refused sender or recipients (SMTP 550)',
    })
  })

  test('a server that never comes to an end is left', async () => {
    const closed = { isSeen: false }
    const server = createServer((socket) => {
      const timer = setInterval(() => socket.write('220-wait\r\n'), 100)
      socket.on('error', () => {})
      socket.on('close', () => {
        clearInterval(timer)
        closed.isSeen = true
      })
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    atTestEnd(() => void server.close())
    const { port } = server.address() as AddressInfo
    expect((await send(mailTo(port), undefined, 1_000)).outcome).toMatchObject({ isTold: false })
    await expect.poll(() => closed.isSeen).toBe(true)
  })

  test('a server that says nothing, and none at all', async () => {
    const slow = await send(mailTo(await silentServer()), undefined, 1_000)
    expect(slow.outcome).toEqual({ isTold: false, why: 'no answer in time' })
    expect(slow.ms).toBeLessThan(8_000)
    const none = await send(mailTo(1))
    expect(none.outcome).toEqual({ isTold: false, why: expect.stringMatching(/^no connection/) })
  })
})

describe('HTTP', () => {
  const hook = (url: string, secret?: string): Channel => ({
    kind: 'webhook',
    url: `${url}/hook`,
    ...(secret === undefined ? {} : { secret }),
  })

  test('what passes is tried again, soon or when the service says', async () => {
    const services = await alertServices()
    const answers = [500, 429]
    services.answer = (_, response) => {
      const status = answers.shift()
      if (status === undefined) return false
      response.writeHead(status, status === 429 ? { 'Retry-After': '1' } : {}).end()
      return true
    }
    const { outcome, ms } = await send(hook(services.url))
    expect(outcome).toEqual({ isTold: true, answer: 'HTTP 204' })
    expect(ms).toBeGreaterThan(1_400)
    expect(services.asked).toHaveLength(3)
  })

  test.each([
    [400, {}, 'HTTP 400'],
    [429, { 'Retry-After': '60' }, 'HTTP 429'],
    [307, { Location: 'http://127.0.0.1:1/' }, 'HTTP 307: a redirect'],
  ] as const)('HTTP %i with %o is not', async (status, headers, why) => {
    const services = await alertServices()
    services.answer = (_, response) => {
      response.writeHead(status, headers).end('x'.repeat(100_000))
      return true
    }
    const { outcome, ms } = await send(hook(services.url))
    expect(outcome).toEqual({ isTold: false, why })
    expect([services.asked.length, ms < 5_000]).toEqual([1, true])
  })

  test('a message that was taken is not sent again because the answer breaks off', async () => {
    const services = await alertServices()
    services.answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': '100' }).write('ok')
      setTimeout(() => response.destroy(), 20)
      return true
    }
    const slack: Channel = { kind: 'slack', webhookUrl: `${services.url}/slack/hook` }
    expect((await send(slack)).outcome).toEqual({ isTold: true, answer: 'ok' })
    expect(services.asked).toHaveLength(1)
  })

  test.each([
    ['a date that is near', () => new Date(Date.now() + 2_500).toUTCString(), 2, true],
    ['a date that is far', () => new Date(Date.now() + 3_600_000).toUTCString(), 1, false],
    ['nonsense', () => 'soon', 2, true],
  ])('Retry-After may be %s', async (_, after, asked, isTold) => {
    const services = await alertServices()
    let isFirst = true
    services.answer = (_received, response) => {
      if (!isFirst) return false
      isFirst = false
      response.writeHead(429, { 'Retry-After': after() }).end()
      return true
    }
    const { outcome, ms } = await send(hook(services.url))
    expect([services.asked.length, outcome?.isTold]).toEqual([asked, isTold])
    expect(ms).toBeLessThan(6_000)
  })

  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n'
  const hostile: readonly (readonly [string, (socket: Socket) => void, unknown])[] = [
    [
      'an answer that drips is told by its status',
      (socket: Socket) => {
        socket.write(head)
        drip(socket, 'x')
      },
      { isTold: true, answer: 'HTTP 200' },
    ],
    [
      'headers that drip come in no time',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\n')
        drip(socket, 'X-More: 1\r\n')
      },
      { isTold: false, why: 'no answer in time' },
    ],
    [
      'garbage is no answer',
      (socket: Socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
      { isTold: false, why: 'the answer is no HTTP' },
    ],
    [
      'a connection that is cut is no answer',
      (socket: Socket) => void socket.resetAndDestroy(),
      {
        isTold: false,
        why: expect.stringMatching(/^no connection \((ECONNRESET|UND_ERR_SOCKET)\)$/),
      },
    ],
    [
      'a body that unpacks to more than there is memory is not read',
      (socket: Socket) => {
        const bomb = gzipSync(Buffer.alloc(50_000_000))
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`,
        )
        socket.write(bomb)
      },
      { isTold: true, answer: 'HTTP 200' },
    ],
  ]
  test.each(hostile)('%s', async (_, answer, outcome) => {
    const url = await rawServer(answer)
    const sent = await send(hook(url), undefined, 1_500)
    expect(sent.outcome).toEqual(outcome)
    expect(sent.ms).toBeLessThan(8_000)
  })

  test('a certificate that nobody knows, and a name that nobody has, are told', async () => {
    const { port } = await smtpServer({ secure: true })
    const refused = await send(hook(`https://127.0.0.1:${port}`))
    expect(refused.outcome).toEqual({
      isTold: false,
      why: expect.stringMatching(/certificate is not trusted.*NODE_EXTRA_CA_CERTS/),
    })
    expect(refused.ms).toBeLessThan(8_000)
    const unknown = await send(hook('https://nobody.invalid'), undefined, 1_500)
    expect(unknown.outcome).toEqual({
      isTold: false,
      why: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    })
  })

  test('a service that says nothing, and none at all', async () => {
    const slow = await send(hook(`http://127.0.0.1:${await silentServer()}`), undefined, 1_000)
    expect(slow.outcome).toEqual({ isTold: false, why: 'no answer in time' })
    expect(slow.ms).toBeLessThan(8_000)
    const none = await send(hook(await goneServer()), undefined, 1_000)
    expect(none.outcome).toEqual({ isTold: false, why: 'no connection (ECONNREFUSED)' })
  })

  test('a login in the address goes into a header, and is told nowhere', async () => {
    const services = await alertServices()
    const url = services.url.replace('//', '//ada:p%40ss@')
    expect((await send(hook(url))).outcome).toEqual({ isTold: true, answer: 'HTTP 204' })
    expect(services.taken[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('ada:p@ss').toString('base64')}`,
    )
  })

  test('a token that no header can hold is said to be wrong, and not tried again', async () => {
    const services = await alertServices()
    const baseUrl = `${services.url}/slack/api`
    const bot: Channel = { kind: 'slack', token: 'xoxb-\u2014', channel: '#data', baseUrl }
    const { outcome, ms } = await send(bot)
    expect(outcome).toEqual({
      isTold: false,
      why: 'token or address holds characters that cannot be sent',
    })
    expect(ms).toBeLessThan(400)
  })

  test('a webhook is signed over what was sent', async () => {
    const services = await alertServices()
    await send(hook(services.url, 'my own secret'))
    const [{ headers, raw } = { headers: {} as IncomingHttpHeaders, raw: '' }] = services.taken
    const { 'webhook-id': id, 'webhook-timestamp': timestamp } = headers
    expect(timestamp).toBe('1800000000')
    const digest = createHmac('sha256', 'my own secret').update(`${id}.${timestamp}.${raw}`)
    expect(headers['webhook-signature']).toBe(`v1,${digest.digest('base64')}`)
  })

  test('Slack, PagerDuty and Twilio say what they refuse, and it is told without numbers', async () => {
    const services = await alertServices()
    const { url } = services
    const bot: Channel = {
      kind: 'slack',
      token: 'xoxb-wrong',
      channel: '#data',
      baseUrl: `${url}/slack/api`,
    }
    expect((await send(bot)).outcome).toEqual({ isTold: false, why: 'invalid_blocks' })
    const slack: Channel = { kind: 'slack', webhookUrl: `${url}/slack/gone` }
    expect((await send(slack)).outcome).toEqual({ isTold: false, why: 'HTTP 404: no_service' })
    const pager: Channel = { kind: 'pagerduty', routingKey: 'short', baseUrl: `${url}/pagerduty` }
    expect((await send(pager)).outcome).toEqual({
      isTold: false,
      why: expect.stringMatching(/^HTTP 400: \/routing_key /),
    })
    const phone: Channel = {
      kind: 'sms',
      accountSid: 'AC0123456789abcdef0123456789abcdef',
      username: 'SK1',
      password: 'secret',
      sender: { MessagingServiceSid: `MG${'0'.repeat(32)}` },
      to: ['5551234567'],
      baseUrl: `${url}/twilio`,
    }
    const refused = (await send(phone)).outcome
    expect(refused).toEqual({
      isTold: false,
      why: 'HTTP 400, Twilio error 21211: https://www.twilio.com/docs/api/errors/21211',
    })
    const { outcome } = await send({ ...phone, to: ['+15551234567'] })
    expect(outcome).toEqual({ isTold: true, answer: expect.stringMatching(/^queued \(SM/) })
    expect(services.taken.at(-1)?.headers.authorization).toBe(
      `Basic ${Buffer.from('SK1:secret').toString('base64')}`,
    )
  })

  test('each trouble is an event of PagerDuty, fifty at a time', async () => {
    const services = await alertServices()
    const notices = Array.from({ length: 51 }, (_, index) => notice({ dedupKey: `key-${index}` }))
    const baseUrl = `${services.url}/pagerduty`
    await send({ kind: 'pagerduty', routingKey, baseUrl }, notices)
    expect(new Set(services.taken.map(({ body }) => body.dedup_key)).size).toBe(50)
  })
})

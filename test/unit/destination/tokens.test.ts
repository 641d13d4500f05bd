import { expect, test } from 'vitest'
import { refreshedTokens, withTokens } from '../../../src/destination/hubspot/tokens.ts'
import { type HttpRequest, LostAnswer } from '../../../src/destination/hubspot/transport.ts'
import { DestinationError } from '../../../src/errors.ts'

const { signal } = new AbortController()
const app = { clientId: 'id', clientSecret: 'planted-word', refreshToken: 'refresh-1' }

/** A token server that answers what it is given, in order. */
function start(...answers: readonly (readonly [status: number, body: unknown])[]) {
  const requests: HttpRequest[] = []
  const secrets: string[] = []
  const time = { nowMs: 0 }
  const tokens = refreshedTokens(app, 'https://api.example', {
    post: (request) => {
      const [status, json] = answers[requests.length] ?? [500, {}]
      requests.push(request)
      return Promise.resolve({ status, headers: {}, text: '', json })
    },
    clock: () => time.nowMs,
    onToken: (secret) => secrets.push(secret),
  })
  return { tokens, requests, secrets, time }
}

const granted = (token: string, refresh = 'refresh-1') =>
  [200, { access_token: token, refresh_token: refresh, expires_in: 1800 }] as const

const formOf = (request: HttpRequest | undefined) =>
  Object.fromEntries(new URLSearchParams(request?.body ?? ''))

test('requests that need a token at the same time share one', async () => {
  const { tokens, requests } = start(granted('a'))
  const all = await Promise.all([1, 2, 3].map(() => tokens.current(signal)))
  expect(all).toEqual(['a', 'a', 'a'])
  expect(requests.map(({ url }) => url)).toEqual(['https://api.example/oauth/v3/token'])
  expect(formOf(requests[0])).toEqual({
    grant_type: 'refresh_token',
    client_id: 'id',
    client_secret: 'planted-word',
    refresh_token: 'refresh-1',
  })
})

test('a token is asked for anew before it ends, with the refresh token of the last answer', async () => {
  const { tokens, requests, secrets, time } = start(granted('a', 'refresh-2'), granted('b'))
  await tokens.current(signal)
  time.nowMs = 1_739_999
  expect(await tokens.current(signal)).toBe('a')
  time.nowMs = 1_740_000
  expect(await tokens.current(signal)).toBe('b')
  expect(formOf(requests[1])['refresh_token']).toBe('refresh-2')
  expect(secrets).toEqual(['a', 'refresh-2', 'b', 'refresh-1'])
})

test('a refused token is replaced once, however many requests met the refusal', async () => {
  const { tokens, requests } = start(granted('a'), granted('b'))
  await tokens.current(signal)
  expect(await Promise.all([1, 2].map(() => tokens.replace('a', signal)))).toEqual([true, true])
  expect(await tokens.replace('a', signal), 'there is a newer one already').toBe(true)
  expect(requests).toHaveLength(2)
})

test('a request that was refused for its token is sent again with the next one, and only once', async () => {
  const { tokens } = start(granted('a'), granted('b'))
  const sent: string[] = []
  const transport = withTokens((request) => {
    sent.push(request.headers['Authorization'] ?? '')
    return Promise.resolve({ status: 401, headers: {}, text: '', json: {} })
  }, tokens)
  const answer = await transport(
    { method: 'GET', url: 'https://api.example/x', headers: {} },
    signal,
  )
  expect(answer.status).toBe(401)
  expect(sent).toEqual(['Bearer a', 'Bearer b'])
})

test('a refusal of the app says what to check, and holds no secret', async () => {
  const { tokens } = start([
    400,
    { message: 'invalid refresh-1 of planted-word', correlationId: 'c-1' },
  ])
  const error = await tokens.current(signal).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(DestinationError)
  expect(error).toMatchObject({ category: 'OAUTH_REFUSED', endsRun: true, correlationId: 'c-1' })
  expect(JSON.stringify(error) + String(error)).not.toMatch(/refresh-1|planted/)
})

test('a token server that fails is no refusal: nothing was asked of the API', async () => {
  const { tokens } = start([503, undefined], granted('a'))
  const error = await tokens.current(signal).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(LostAnswer)
  expect(error).toMatchObject({ kind: 'unsent', code: 'OAUTH_503' })
  expect(await tokens.current(signal)).toBe('a')
})

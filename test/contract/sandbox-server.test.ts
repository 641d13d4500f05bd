import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'

const CONTACTS = '/crm/v3/objects/contacts'
let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox()
})

afterEach(() => sandbox.close())

function call(method: string, path: string, body?: unknown, signal?: AbortSignal) {
  return fetch(sandbox.url + path, {
    method,
    headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })
}

const create = () => call('POST', CONTACTS, { properties: { city: 'Bonn' }, associations: [] })

describe('over HTTP', () => {
  test('requests are answered in JSON with rate-limit headers', async () => {
    const response = await create()
    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(response.headers.get('x-hubspot-ratelimit-remaining')).toBe('189')
    expect(await response.json()).toMatchObject({ id: '1001', properties: { city: 'Bonn' } })
    expect((await call('DELETE', `${CONTACTS}/1001`)).status).toBe(204)
    expect((await call('GET', '/nowhere')).status).toBe(404)
  })

  test('connections break before or after the write', async () => {
    sandbox.addFault({ kind: 'reset_before', match: { nth: 1 } })
    sandbox.addFault({ kind: 'reset_after', match: { nth: 2 } })
    await expect(create()).rejects.toThrow()
    expect(sandbox.countRecords('contacts')).toBe(0)
    await expect(create()).rejects.toThrow()
    expect(sandbox.countRecords('contacts')).toBe(1)
  })

  test('answers hang, come late, or are web pages', async () => {
    sandbox.addFault({ kind: 'hang', match: { nth: 1 } })
    sandbox.addFault({ kind: 'slow', delayMs: 60, match: { nth: 2 } })
    sandbox.addFault({ kind: 'status', status: 502, match: { nth: 3 } })
    await expect(call('GET', CONTACTS, undefined, AbortSignal.timeout(50))).rejects.toThrow()
    const start = performance.now()
    expect((await call('GET', CONTACTS)).status).toBe(200)
    expect(performance.now() - start).toBeGreaterThan(50)
    const page = await call('GET', CONTACTS)
    expect(page.status).toBe(502)
    expect(page.headers.get('content-type')).toBe('text/html')
    expect(await page.text()).toContain('<h1>')
  })

  test('a taken port is an error', async () => {
    await expect(startSandbox({ port: sandbox.port })).rejects.toThrow(/EADDRINUSE/)
  })
})

describe('the admin surface', () => {
  test('seeds, shows, breaks and resets', async () => {
    const seeded = await call('POST', '/_sandbox/records/contacts', [{ email: 'a@example.com' }])
    expect(await seeded.json()).toEqual({ ids: ['1001'] })
    const fault = { kind: 'status', status: 500, match: { path: 'contacts$' } }
    expect((await call('POST', '/_sandbox/faults', fault)).status).toBe(204)
    expect((await create()).status).toBe(500)
    expect((await call('DELETE', '/_sandbox/faults')).status).toBe(204)
    expect((await create()).status).toBe(201)

    const records = await (await call('GET', '/_sandbox/records/contacts?limit=1')).json()
    expect(records).toMatchObject({ total: 2, results: [{ id: '1001' }] })
    const stats = await (await call('GET', '/_sandbox/stats')).json()
    expect(stats).toMatchObject({ total: 2, writeCalls: 2, byStatus: { 201: 1, 500: 1 } })
    const requests = await (await call('GET', '/_sandbox/requests')).json()
    expect(requests).toMatchObject({ results: [{ fault: 'status' }, { status: 201 }] })

    expect((await call('POST', '/_sandbox/reset')).status).toBe(204)
    expect(sandbox.countRecords('contacts')).toBe(0)
  })

  test.each([
    ['an unknown type', 'POST', '/_sandbox/records/unicorns', []],
    ['a fault without a kind', 'POST', '/_sandbox/faults', {}],
    ['records that are no list', 'POST', '/_sandbox/records/contacts', 'x'],
  ])('refuses %s', async (_case, method, path, body) => {
    expect((await call(method, path, body)).status).toBe(400)
  })

  test('is not served to other machines unless asked', async () => {
    const statusWith = async (allowRemoteAdmin: boolean) => {
      const open = await startSandbox({ host: '0.0.0.0', allowRemoteAdmin })
      const { status } = await fetch(`http://127.0.0.1:${open.port}/_sandbox/stats`)
      await open.close()
      return status
    }
    expect(await statusWith(false)).toBe(401)
    expect(await statusWith(true)).toBe(200)
  })
})

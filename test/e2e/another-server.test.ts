import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../scripts/process.mjs'
import { atTestEnd } from '../support/at-test-end.ts'
import { createProject } from '../support/project.ts'

const contacts = {
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { firstname: 'first_name' },
  },
}

test('the two variables are all it takes to reach another server with another token', async () => {
  const token = 'pat-eu1-0123456789'
  const url = await otherProcess({ tokens: [token], portalId: 777 })
  const project = await createProject({
    engine: 'duckdb',
    sandbox: { url, token },
    syncs: [contacts],
    tables: [
      "create table people as select 1 as id, 'ada@shop.example' as email, 'Ada' as first_name",
    ],
  })
  const wrong = await project.run(['run'], { HUBSPOT_ACCESS_TOKEN: 'sandbox-token' })
  expect(wrong.exitCode, wrong.stderr).toBe(1)
  expect(await read(url, 'stats')).toMatchObject({ writeCalls: 0 })

  const right = await project.run(['run'])
  expect(right.exitCode, right.stderr).toBe(0)
  expect(right.stderr).toContain('portal 777')
  expect(right.stderr).not.toContain(token)
  expect(await read(url, 'stats')).toMatchObject({ writeCalls: 1 })
  expect(await read(url, 'records/contacts')).toMatchObject({
    results: [{ properties: { email: 'ada@shop.example', firstname: 'Ada' } }],
  })
  expect(await read(url, 'violations')).toEqual({ results: [] })
})

/** Starts a sandbox in another process. @returns its address */
async function otherProcess(options: object): Promise<string> {
  const script = join(root, 'test', 'support', 'sandbox-process.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  atTestEnd(async () => {
    const closed = once(child, 'close')
    child.stdin.end()
    await closed
  })
  const [line] = await once(child.stdout, 'data')
  return String(line).trim()
}

const read = async (url: string, what: string): Promise<unknown> =>
  (await fetch(`${url}/_sandbox/${what}`)).json()

import { expect, test } from 'vitest'
import * as api from '../../src/index.ts'

test('the public API is these names', () => {
  expect(Object.keys(api).sort()).toEqual([
    'DestinationError',
    'UserError',
    'WarehouseError',
    'formatProblem',
    'readManifest',
    'resolveSyncs',
    'silentLogger',
    'startSandbox',
  ])
})

test('a sandbox of the public API answers', async () => {
  const sandbox = await api.startSandbox()
  try {
    const headers = { authorization: `Bearer ${sandbox.token}` }
    const answer = await fetch(`${sandbox.url}/account-info/v3/details`, { headers })
    expect(await answer.json()).toMatchObject({ portalId: sandbox.portalId })
  } finally {
    await sandbox.close()
  }
})

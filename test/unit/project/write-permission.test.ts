import { expect, test } from 'vitest'
import { writePermission } from '../../../src/project/write-permission.ts'

const HUBSPOT = 'https://api.hubapi.com'
const production = { portalId: '1', accountType: 'STANDARD' }
const listed = { writingTargets: ['prod'], portalId: undefined }

test.each([
  ['a listed target to any portal', 'prod', listed, HUBSPOT, production, true],
  [
    'a listed target to its portal',
    'prod',
    { ...listed, portalId: '1' },
    HUBSPOT,
    production,
    true,
  ],
  [
    'a listed target to another portal',
    'prod',
    { ...listed, portalId: '2' },
    HUBSPOT,
    production,
    false,
  ],
  ['another target to production', 'dev', listed, HUBSPOT, production, false],
  [
    'another target to a sandbox',
    'dev',
    listed,
    HUBSPOT,
    { ...production, accountType: 'SANDBOX' },
    true,
  ],
  [
    'another target to a test account',
    'dev',
    listed,
    HUBSPOT,
    { ...production, accountType: 'DEVELOPER_TEST' },
    true,
  ],
  [
    'another target to an app developer account',
    'dev',
    listed,
    HUBSPOT,
    { ...production, accountType: 'APP_DEVELOPER' },
    false,
  ],
  ['another target to this machine', 'dev', listed, 'http://127.0.0.1:8765', production, true],
  ['another target to localhost', 'dev', listed, 'http://localhost:8765', production, true],
  [
    'another target to a name that only looks local',
    'dev',
    listed,
    'https://127.0.0.1.evil.example',
    production,
    false,
  ],
  [
    'another target to its portal elsewhere, even on this machine',
    'prod',
    { ...listed, portalId: '2' },
    'http://127.0.0.1:1',
    production,
    false,
  ],
] as const)('%s', (_, target, settings, baseUrl, account, isAllowed) => {
  expect(writePermission(target, settings, baseUrl, account).allowed).toBe(isAllowed)
})

test('a refusal says why and what to do', () => {
  expect(writePermission('dev', listed, HUBSPOT, production)).toMatchObject({
    why: 'the target dev may not write to portal 1, which is no sandbox (STANDARD)',
    hint: expect.stringContaining('targets: {dev: {portal_id: 1}}'),
  })
  expect(writePermission('prod', { ...listed, portalId: '2' }, HUBSPOT, production)).toMatchObject({
    why: 'the target prod writes to portal 2, but the access token belongs to portal 1',
  })
})

import { expect, test } from 'vitest'
import { UserError } from '../../../src/errors.ts'
import { accessToken } from '../../../src/project/access-token.ts'
import type { Settings } from '../../../src/project/settings.ts'
import type { TokenSource } from '../../../src/project/token-source.ts'

const settings = (token: TokenSource) => ({ token, file: '/shop/backhaul.yml' }) as Settings
const command = settings({ kind: 'command', command: ['op', 'read', 'token'] })
const never = () => Promise.reject(new TypeError('nothing is to be run'))

test('comes from the settings', async () => {
  expect(await accessToken(settings({ kind: 'token', token: 'pat' }), never)).toBe('pat')
})

test('quotation marks around it are told, not sent', async () => {
  const quoted = accessToken(settings({ kind: 'token', token: '"pat"' }), never)
  await expect(quoted).rejects.toThrow('the HubSpot access token stands in quotation marks')
  const printed = accessToken(command, () => Promise.resolve("'pat'"))
  await expect(printed).rejects.toThrow('stands in quotation marks')
})

test('is missing with a problem', async () => {
  const problem = { message: 'there is no token' }
  await expect(accessToken(settings({ kind: 'missing', problem }), never)).rejects.toThrow(
    UserError,
  )
})

test('is what the command prints, without white space around it', async () => {
  const runs: unknown[] = []
  const run = (program: string, args: readonly string[]) => {
    runs.push([program, ...args])
    return Promise.resolve('pat-1\n')
  }
  expect(await accessToken(command, run)).toBe('pat-1')
  expect(runs).toEqual([['op', 'read', 'token']])
})

test('what a failing command says is not repeated', async () => {
  const run = () => Promise.reject(new Error('token pat-1 is locked'))
  const error = await accessToken(command, run).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(UserError)
  expect((error as UserError).message).not.toContain('pat-1')
})

test('a command that hangs is told from one that fails', async () => {
  const run = () => Promise.reject(Object.assign(new Error('timed out'), { killed: true }))
  await expect(accessToken(command, run)).rejects.toThrow(/had printed nothing when its time was/)
})

test.each(['', 'Warning: pat-1'])('a command that prints %j gives a problem', async (printed) => {
  await expect(accessToken(command, () => Promise.resolve(printed))).rejects.toThrow(
    /must print the token and nothing else/,
  )
})

import { expect, test } from 'vitest'
import type { TestProject } from '../support/project.ts'
import type { SyncSpec } from '../support/project-files.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, smallShop } from '../support/small-shop.ts'

const invalid = {
  ...contacts({ sync: 'broken', mode: 'sometimes', shared: true }),
  model: 'others',
}
const misshapen: SyncSpec = { model: 'third', hubspot: 'contacts' }

async function shop(...syncs: readonly SyncSpec[]): Promise<{
  project: TestProject
  writes: () => number
}> {
  const sandbox = await strictSandbox()
  return { project: await smallShop({ sandbox, syncs }), writes: () => sandbox.writeCalls() }
}

test('what is wrong with syncs that are not selected neither fails a command nor is told', async () => {
  const { project } = await shop(contacts(), invalid, misshapen)
  for (const command of ['plan', 'validate', 'ls', 'run']) {
    const result = await project.run([command, '-s', 'contacts'])
    expect(result.exitCode, `${command}: ${result.stderr}`).toBe(0)
    expect(result.stderr).not.toContain('broken')
    expect(result.stderr).not.toContain('third')
  }
  expect((await project.run(['validate', '-s', 'contacts'])).stderr).toContain('1 sync valid')
})

test('a selected sync that is invalid is reported, and was found', async () => {
  const { project, writes } = await shop(contacts(), invalid)
  for (const command of ['plan', 'validate', 'ls', 'run']) {
    const result = await project.run([command, '-s', 'broken'])
    expect(result.exitCode, `${command}: ${result.stderr}`).toBe(1)
    expect(result.stderr + result.stdout).toContain('sync broken, mode')
    expect(result.stderr).not.toContain('does not match')
  }
  expect((await project.run(['validate', '-s', 'broken'])).stderr).toContain('1 problem in 1 sync')
  expect((await project.run(['validate'])).stderr).toContain('1 problem in 2 syncs')
  expect(writes()).toBe(0)
})

test('a block that is no sync is reported with its model', async () => {
  const { project } = await shop(contacts(), misshapen)
  const result = await project.run(['run', '-s', 'third'])
  expect(result.exitCode).toBe(1)
  expect(result.stderr).toContain('`hubspot` of third must be a sync')
  expect(result.stderr).not.toContain('does not match')
})

test('two syncs that clash: the same words, whichever is selected', async () => {
  const { project, writes } = await shop(contacts(), {
    ...contacts({ sync: 'rivals' }),
    model: 'others',
  })
  const told = async (...args: readonly string[]) => {
    const result = await project.run(['run', ...args])
    expect(result.exitCode, result.stderr).toBe(1)
    return result.stderr.split('\n').filter((line) => line.includes('writes this property'))
  }
  const [words, ...more] = await told()
  expect(more).toEqual([])
  expect(words).toMatch(/contacts.*rivals|rivals.*contacts/)
  const withoutTime = (lines: readonly string[]) => lines.map((line) => line.slice(10))
  expect(withoutTime(await told('-s', 'contacts'))).toEqual(withoutTime([words ?? '']))
  expect(withoutTime(await told('-s', 'rivals'))).toEqual(withoutTime([words ?? '']))
  const { stderr } = await project.run(['run', '-s', 'contacts'])
  expect(stderr).toContain('1 of 1 ERROR sync contacts')
  expect(writes()).toBe(0)
})

test('ls lists what is there although the project names a sync that is not', async () => {
  const project = await smallShop({
    settings: { targets: { dev: { syncs: { contcts: { enabled: false } } } } },
  })
  const result = await project.run(['ls'])
  expect(result.exitCode, result.stderr).toBe(0)
  expect(result.stderr).toContain('Warning: ')
  expect(result.stdout).toContain('people → contacts')
})

test('a mistake on a column holds the syncs of its model, and no others', async () => {
  const { project, writes } = await shop(contacts(), {
    ...contacts({ sync: 'broken', shared: true }),
    model: 'others',
    columns: { first_name: { property: 'firstname', as: 'txt' } },
  })
  const result = await project.run(['run'])
  expect(result.exitCode, result.stderr).toBe(1)
  expect(result.stderr).toContain('sync broken: column first_name of others: as: must be one of')
  expect(result.stderr).toContain('OK=1 PARTIAL=0 ERROR=1')
  expect(writes()).toBe(1)
})

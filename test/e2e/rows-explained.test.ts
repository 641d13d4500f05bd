import { beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import type { TestProject } from '../support/project.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'

/** Row 1 goes through, 2 is refused and then parked, 3 is there twice, 4 is refused once. */
describe('rows that do not come through', () => {
  let project: TestProject
  let run: string
  let refused: string
  let quiet: string

  beforeAll(async () => {
    const sandbox = await startSandbox({})
    const tables = [
      people('Ada', 'Grace', 'Cy', 'Di'),
      'update people set email = first_name where id in (2, 4)',
      "insert into people values (3, 'x@shop.example', 'X')",
    ]
    project = await smallShop({ sandbox, tables, syncs: [contacts({ max_attempts: 2 })] })
    await project.run(['run', '--row', '2'])
    run = (await project.run(['run'])).stderr
    refused = (await project.run(['show', 'contacts', '4'])).stdout
    quiet = (await project.run(['run', '--quiet'])).stderr
    return async () => {
      await project.cleanUp()
      await sandbox.close()
    }
  }, 60_000)

  test('a run names the command that shows one, and keeps SQL for many', () => {
    expect(run).toContain('    See it: backhaul show contacts 3')
    expect(run).toContain('    See it: backhaul show contacts 2')
    expect(run).toContain('    All of them: select row_id')
    expect(run).toContain(
      'Warning: 1 parked row of sync contacts, left alone until it changes. Why: backhaul status --select contacts. When the cause is gone: backhaul retry contacts',
    )
  })

  test('--quiet leaves the reasons of what failed', () => {
    expect(quiet).toContain('PARTIAL')
    expect(quiet).toContain('2 rows: the primary key occurs more than once in the model')
    expect(quiet).not.toContain('Done.')
  })

  test('show says that a key repeats, and that nothing of the row is sent', async () => {
    const { stdout } = await project.run(['show', 'contacts', '3'])
    expect(stdout).toContain(
      'Not in HubSpot by this sync: 2 rows of the model have this primary key.',
    )
    expect(stdout).toContain(
      'Next: It is rejected before anything is sent: 2 rows of the model have this primary key. Make the model unique',
    )
    expect(stdout).toMatch(/email +(cy|x)@shop\.example\n/)
  })

  test('show says of a refused row what to correct, and each message once', async () => {
    const parked = (await project.run(['show', 'contacts', '2'])).stdout
    expect(parked).toContain('Correct the value in the model')
    expect(parked).toContain('Then: backhaul retry contacts --row 2')
    expect(parked.match(/is invalid/g)).toHaveLength(1)
    expect(parked).toMatch(/ {2}2 times, last 20\S+: Property values were not valid/)
    expect(refused).toContain(
      "Next: Correct the value in the model: HubSpot's message says what is wrong with it. Then backhaul run --select contacts sends it",
    )
  })

  test('show says of a record that its key repeats now', async () => {
    await project.sql("insert into people values (1, 'twin@shop.example', 'Twin')")
    const { stdout } = await project.run(['show', 'contacts', '1'])
    expect(stdout).toMatch(/In HubSpot as record \d+.*; but now 2 rows of the model have this/)
    await project.sql("delete from people where first_name = 'Twin'")
  })

  test('retry says which rows are not parked, and which nobody has met', async () => {
    const known = await project.run(['retry', 'contacts', '--row', '1'])
    expect(known.stdout).toContain('Row 1 of contacts is not parked: succeeded')
    expect(known.exitCode).toBe(0)
    const unknown = await project.run(['retry', 'contacts', '--row', '999'])
    expect(unknown.stdout).toContain(
      'Sync contacts has met no row 999: backhaul show contacts 999\n',
    )
    expect(unknown.exitCode).toBe(1)
    const category = await project.run(['retry', '--error', 'FOO'])
    expect(category.stdout).toContain('Parked rows of contacts by error: VALIDATION_ERROR (')
  })

  test('forget says that it keeps nothing of a key that nobody has met', async () => {
    for (const more of [[], ['--dry-run']]) {
      const { stdout, exitCode } = await project.run(['forget', 'contacts', '999', ...more])
      expect(stdout).toBe('Nothing is kept of row 999.\n')
      expect(exitCode).toBe(0)
    }
    const json = await project.run(['forget', 'contacts', '999', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'forgotten', syncs: [] })
  })
})

test('keys with quotes and dashes are printed as a shell takes them', async () => {
  const sandbox = await startSandbox({})
  const tables = [
    "create table people as select '-it''s' as id, 'none' as email, 'Ada' as first_name",
  ]
  const project = await smallShop({ sandbox, tables })
  const { stderr } = await project.run(['run'])
  expect(stderr).toContain("backhaul show contacts -- '-it'\\''s'")
  const shown = await project.run(['show', 'contacts', '--', "-it's"])
  expect(shown.stdout).toContain("Row -it's of contacts")
  await sandbox.close()
})

import { expect, test } from 'vitest'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, smallShop, writeTo } from '../support/small-shop.ts'

test('before the first run there is nothing to remove', async () => {
  const project = await smallShop()
  const { exitCode, stderr } = await project.run(['clean'])
  expect(exitCode).toBe(0)
  expect(stderr).toContain('There is no audit here yet: nothing to remove')
})

test('removes what is past its retention, of forgotten syncs, too', async () => {
  const project = await smallShop({ sandbox: await strictSandbox() })
  expect((await project.run(['run'])).exitCode).toBe(0)
  project.setSyncs([contacts({ sync: 'people' })])
  expect((await project.run(['clean', '--sync', 'contacts'])).stderr).toContain(
    'Forgot sync contacts; its records in HubSpot stay',
  )
  expect(await project.rows('select * from runs')).toHaveLength(1)
  writeTo(project, 'backhaul.yml', 'audit: {retention_days: 0}\n')
  const { exitCode, stderr } = await project.run(['clean'])
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/Removed audit rows older than 0 days$/m)
  expect(await project.rows('select * from runs')).toHaveLength(0)
})

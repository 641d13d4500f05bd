import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveSyncs } from '../../../src/config/resolve-syncs.ts'
import { silentLogger } from '../../../src/log.ts'
import { readManifest } from '../../../src/manifest/read-manifest.ts'
import { readTextFile } from '../../../src/project/environment.ts'
import { findProject } from '../../../src/project/find-project.ts'

const folder = join(import.meta.dirname, '../../../dbt_project_example')

test.each([
  ['dev', 'duckdb', 'main', false],
  ['pg', 'postgres', 'backhaul_example', false],
  ['prod', 'duckdb', 'main', true],
])('the example project, target %s', (target, type, schema, mayWrite) => {
  const project = findProject({ cwd: folder, env: {}, flags: { target } })
  expect(project).toMatchObject({ projectDir: folder, targetName: target, schema })
  expect(project.connection.type).toBe(type)
  expect(project.settings.writingTargets.includes(target)).toBe(mayWrite)
})

test('the syncs of the example project', async () => {
  const manifest = await readManifest(join(folder, 'artifacts/manifest.json'), {
    log: silentLogger,
  })
  const { syncs, problems } = resolveSyncs(manifest, { projectDir: folder, readFile: readTextFile })
  expect(problems).toEqual([])
  expect(
    syncs.map(({ name, primaryKey, isKeyInferred, guards, origin }) => [
      name,
      ...primaryKey,
      isKeyInferred,
      guards,
      origin.file,
    ]),
  ).toEqual([
    ['companies', 'account_id', false, { minRows: 1 }, 'models/marts/_marts.yml'],
    ['contacts', 'customer_id', true, { minRows: 1 }, 'models/marts/_marts.yml'],
    ['deals', 'deal_id', false, { minRows: 1 }, 'models/marts/_exposures.yml'],
  ])
})

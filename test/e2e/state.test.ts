import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProject, type TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop, writeTo } from '../support/small-shop.ts'
import { localEngines } from '../support/warehouses.ts'

const withoutMoments = (rows: readonly Readonly<Record<string, unknown>>[]) =>
  rows.map(({ fingerprint, tried_fingerprint, ...row }) => row)

const firms = {
  sync: 'firms',
  object: 'companies',
  mode: 'insert',
  primary_key: 'id',
  properties: { name: 'first_name' },
}

const impatient = { lease_seconds: 10, hubspot: { request_timeout_seconds: 1 } }

for (const { name, missing } of localEngines()) {
  const other = name === 'duckdb' ? 'postgres' : 'duckdb'
  test.skipIf(missing !== undefined)(
    `a state goes by file to another engine, and nothing is sent again (${name} to ${other})`,
    async () => {
      const sandbox = await strictSandbox()
      const syncs = [{ model: 'people', hubspot: [contacts({ max_attempts: 1 }).hubspot, firms] }]
      const tables = [people('Ada', 'Grace', 'Cy'), "update people set email = 'none' where id = 2"]
      const spec = { sandbox, syncs, tables, settings: impatient }
      const project = await createProject({ engine: name, ...spec })
      await project.run(['run', '--select', 'sync:contacts'])
      await project.run(['run', '--select', 'sync:firms'], { BACKHAUL_CRASH_AT: 'answer-received' })
      const open = await project.run(['state', 'export', 'state.ndjson'])
      expect(open.exitCode).toBe(1)
      expect(open.stderr).toContain('its last run was cut short, and its books are open')
      await project.run(['run', '--select', 'sync:firms'])

      const exported = await project.run(['state', 'export', 'state.ndjson'])
      expect(exported.exitCode, exported.stderr).toBe(0)
      expect(exported.stdout).toContain('It holds property values')
      const file = join(project.dir, 'state.ndjson')
      expect(statSync(file).mode & 0o077).toBe(0)
      const text = readFileSync(file, 'utf8')
      expect(text).not.toContain(sandbox.token)
      expect(
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).kind),
      ).toEqual(
        ['backhaul-state', 'sync', 'row', 'row', 'row', 'end'].concat([
          'sync',
          'row',
          'row',
          'row',
          'plan',
          'plan',
          'plan',
          'end',
        ]),
      )
      expect((await project.run(['state', 'export', 'state.ndjson'])).stderr).toContain(
        'is there already',
      )

      const target = await createProject({ engine: other, ...spec })
      writeTo(target, 'state.ndjson', text)
      const imported = await target.run(['state', 'import', 'state.ndjson'])
      expect(imported.exitCode, imported.stderr).toBe(0)
      expect(imported.stdout).toContain('Took over sync contacts: 3 rows')
      for (const sync of ['contacts', 'firms'])
        expect(withoutMoments(await target.state(sync))).toEqual(
          withoutMoments(await project.state(sync)),
        )
      expect(await target.rows('select * from leases')).toEqual([])
      const again = await target.run(['state', 'import', 'state.ndjson'])
      expect(again.exitCode).toBe(1)
      expect(again.stderr).toContain('2 problems')
      expect(again.stderr).toContain('Nothing is merged or replaced')

      const creates = sandbox.countRecords('companies')
      const calls = sandbox.writeCalls()
      await target.run(['run'])
      // The parked row is tried anew on another engine: fingerprints do not travel.
      expect(sandbox.writeCalls() - calls).toBeLessThanOrEqual(1)
      expect(sandbox.countRecords('companies')).toBe(creates)
      expect((await target.run(['resolve'])).stdout).toContain('3 rows may be in HubSpot already')
      const settled = await target.run(['resolve', 'firms', '1', '--resend'])
      expect(settled.exitCode, settled.stderr).toBe(0)
    },
  )

  test.skipIf(missing !== undefined)(
    `a state moves to another schema; cut short, another move finishes it (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const project = await smallShop({ engine: name, sandbox, tables: [people('Ada', 'Grace')] })
      await project.run(['run'])
      const before = await project.state('contacts')
      expect((await project.run(['state', 'move'])).exitCode).toBe(2)
      const old = `${project.schema}_backhaul`
      const same = await project.run(['state', 'move', '--from-schema', old])
      expect(same.stderr).toContain('already')
      const next = `${project.schema}_next`
      writeTo(project, 'backhaul.yml', `version: 1\nschema: ${next}\n`)
      const moved = await project.run(['state', 'move', '--from-schema', old])
      expect(moved.exitCode, moved.stderr).toBe(0)
      expect(moved.stdout).toContain('Took over sync contacts: 2 rows')
      const calls = sandbox.writeCalls()
      const run = await project.run(['run'])
      expect(run.stderr).toContain('2 unchanged')
      expect(sandbox.writeCalls()).toBe(calls)
      const none = await project.run(['state', 'move', '--from-schema', old])
      expect(none.stderr).toContain(`No sync has a state in ${old}`)

      // And back again: the state is the same, with its fingerprints.
      writeTo(project, 'backhaul.yml', 'version: 1\n')
      const back = await project.run(['state', 'move', '--from-schema', next])
      expect(back.exitCode, back.stderr).toBe(0)
      expect(await project.state('contacts')).toEqual(before)

      // A copy that counts beside the old state: that is what a move leaves that was cut short.
      await project.run(['state', 'export', 'state.ndjson'])
      writeTo(project, 'backhaul.yml', `version: 1\nschema: ${next}\n`)
      expect((await project.run(['state', 'import', 'state.ndjson'])).exitCode).toBe(0)
      const finished = await project.run(['state', 'move', '--from-schema', old])
      expect(finished.exitCode, finished.stderr).toBe(0)
      expect((await project.run(['state', 'move', '--from-schema', old])).stderr).toContain(
        'No sync has a state',
      )
      // Unless the old one has been used since.
      writeTo(project, 'backhaul.yml', 'version: 1\n')
      expect((await project.run(['state', 'import', 'state.ndjson'])).exitCode).toBe(0)
      await project.sql("update people set first_name = 'Augusta' where id = 1")
      await project.run(['run'])
      writeTo(project, 'backhaul.yml', `version: 1\nschema: ${next}\n`)
      const used = await project.run(['state', 'move', '--from-schema', old])
      expect(used.exitCode).toBe(1)
      expect(used.stderr).toContain(`has a state in ${next} already`)
      // Whatever has become of the new one meanwhile: the old one may know what it does not.
      await project.run(['run', '--full-refresh'])
      const both = await project.run(['state', 'move', '--from-schema', old])
      expect(both.exitCode).toBe(1)
      expect(both.stderr).toContain(`has a state in ${next} already`)
    },
  )
}

test('what is no whole state, of another portal or of another sync is refused, and nothing is left', async () => {
  const sandbox = await strictSandbox()
  const project = await smallShop({ sandbox, tables: [people('Ada', 'Grace')] })
  await project.run(['run'])
  await project.run(['state', 'export', 'state.ndjson'])
  const lines = readFileSync(join(project.dir, 'state.ndjson'), 'utf8').trim().split('\n')
  const refused = async (text: string, message: string, target: TestProject) => {
    writeFileSync(join(target.dir, 'state.ndjson'), text)
    const result = await target.run(['state', 'import', 'state.ndjson'])
    expect(result.exitCode, result.stderr).toBe(1)
    expect(result.stderr).toContain(message)
    expect(result.stderr).not.toContain('ada@shop.example')
    const status = await target.run(['status', '--json'])
    expect(JSON.parse(status.stdout).syncs[0]).toMatchObject({ portalId: null })
  }
  const target = await smallShop({ sandbox })
  const [header = '', ...rest] = lines
  await refused(lines.slice(0, -1).join('\n'), 'is not whole', target)
  await refused([...lines.slice(0, 2), ...lines.slice(3)].join('\n'), 'is not whole', target)
  await refused(`${lines.join('\n').slice(0, -5)}`, 'is no line of a state', target)
  await refused('', 'is not whole', target)
  await refused(rest.join('\n'), 'is not the beginning of a state', target)
  await refused(
    [header.replace('"version":1', '"version":2'), ...rest].join('\n'),
    'has version 2; this release reads 1',
    target,
  )
  await refused(
    lines.join('\n').replace('"values":{', '"values":{"shoe_size":"42",'),
    'has a column shoe_size',
    target,
  )
  await refused(lines.join('\n').replaceAll('"4242424"', '"1"'), 'speaks of portal 1', target)
  await refused(
    lines.join('\n').replace('["id"]', '["email"]'),
    'The primary key was email',
    target,
  )
  const renamed = await smallShop({ sandbox, syncs: [contacts({ sync: 'other' })] })
  await refused(lines.join('\n'), 'The project has no sync contacts', renamed)
  rmSync(join(target.dir, 'state.ndjson'))
  expect((await target.run(['state', 'import', 'state.ndjson'])).stderr).toContain('(ENOENT)')
  expect((await target.run(['state', 'export'])).exitCode).toBe(2)
  expect((await target.run(['state', 'export', 'x.ndjson'])).stderr).toContain('has a state in')
})

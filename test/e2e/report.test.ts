import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ReportPayload } from '../../src/report/payload.ts'
import type { TestProject } from '../support/project.ts'
import { wholePayload } from '../support/report-payload.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { contacts, people, smallShop } from '../support/small-shop.ts'
import { localEngines } from '../support/warehouses.ts'

const offline = { HUBSPOT_ACCESS_TOKEN: '', HUBSPOT_BASE_URL: '' }
const hostileName = '</script><img src=x onerror=alert(1)>$&'

const reportPath = (project: TestProject) => join(project.dir, 'target', 'backhaul', 'report.html')

function payloadOf(path: string): ReportPayload {
  const found = /<script type="application\/json" id="payload">([^<]*)<\/script>/.exec(
    readFileSync(path, 'utf8'),
  )
  return wholePayload(found?.[1] ?? '')
}

async function report(project: TestProject, ...args: readonly string[]): Promise<ReportPayload> {
  const { exitCode, stderr } = await project.run(['report', ...args], offline)
  expect(exitCode, stderr).toBe(0)
  return payloadOf(reportPath(project))
}

for (const { name, missing } of localEngines()) {
  test.skipIf(missing !== undefined)(
    `a page holds runs, changes, problems and calls, and needs no token (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const project = await smallShop({
        engine: name,
        sandbox,
        settings: { audit: { requests: 'full' } },
        tables: [
          people('Ada', 'Grace', 'Cy'),
          `update people set first_name = '${hostileName}' where id = 1`,
          "update people set email = 'none' where id = 3",
        ],
      })
      const early = await project.run(['report'], offline)
      expect(early.exitCode).toBe(1)
      expect(early.stderr).toContain('No run is recorded in schema')
      expect(early.stderr).toContain('backhaul run')
      expect(existsSync(reportPath(project))).toBe(false)

      await project.run(['run'])
      await project.sql("update people set first_name = 'Amazing Grace' where id = 2")
      await project.run(['run'])

      const told = await project.run(['report', '--json'], offline)
      expect(told.exitCode, told.stderr).toBe(0)
      const shown = JSON.parse(told.stdout)
      expect(shown).toMatchObject({ kind: 'report', version: 1, file: reportPath(project) })
      expect(shown.bytes).toBe(statSync(reportPath(project)).size)
      expect(statSync(reportPath(project)).mode & 0o077).toBe(0)
      expect(readdirSync(join(project.dir, 'target', 'backhaul'))).not.toContain('report.html.part')
      expect(readFileSync(reportPath(project), 'utf8')).not.toContain('<img src=x')

      const payload = payloadOf(reportPath(project))
      expect(payload).toMatchObject({ version: 1, targetName: 'dev', values: 'full', note: null })
      expect(payload.portalId).toBe(String(sandbox.portalId))
      const [second, first] = payload.runs
      expect(payload.runs).toHaveLength(2)
      expect(first).toMatchObject({
        sync: 'contacts',
        status: 'partial',
        rowsInModel: 3,
        counts: { created: 2, rejected: 1 },
        callsMade: expect.any(Number),
      })
      expect(second?.counts).toMatchObject({ updated: 1 })
      const { changes } = payload
      const at = (run: number, row: string) =>
        changes.rowId.findIndex((id, index) => id === row && changes.run[index] === run)
      expect(changes.values[at(0, '2')]).toEqual({ firstname: ['Grace', 'Amazing Grace'] })
      expect(changes.values[at(1, '1')]).toMatchObject({ firstname: [null, hostileName] })
      expect(changes.recordId[at(1, '1')]).toMatch(/^\d+$/)
      const lengths = Object.values(changes).map((column) => column.length)
      expect(new Set(lengths)).toEqual(new Set([payload.totals.changes]))

      const [problem] = payload.problems
      expect(payload.problems).toHaveLength(1)
      expect(problem).toMatchObject({ sync: 'contacts', rows: 1, lastRunId: expect.any(String) })
      expect(problem?.advice).toMatch(/\. .+\.$/)
      expect(changes.problem[at(1, '3')]).toBe(0)

      const writes = payload.requests.filter(({ path }) => path.endsWith('/batch/upsert'))
      expect(writes.length).toBeGreaterThan(1)
      const deciding = changes.requestId[at(0, '2')]
      const decided = payload.requests.find(({ requestId }) => requestId === deciding)
      expect(decided?.requestBody).toContain('Amazing Grace')

      expect(payload.syncs).toMatchObject([
        {
          name: 'contacts',
          type: 'object',
          object: 'contacts',
          lastRunId: second?.runId,
          rows: { succeeded: 2, rejected: 1 },
          url: expect.stringMatching(/^https:\/\/[\w.-]+\/contacts\/\d+\/record\/0-1\/$/),
          errors: [{ status: 'rejected', rows: 1, exampleRowId: '3' }],
          nextStep: expect.stringContaining('Correct 1 rejected row'),
        },
      ])

      expect(payload.limit).toEqual({ requests: expect.any(Number), seconds: 10 })

      expect(decided).toMatchObject({ limit: 190, dailyRemaining: expect.any(Number) })
      expect(decided?.remaining).toBeLessThan(190)

      // As on a machine that never ran: what is known is in the audit alone.
      rmSync(join(project.dir, 'target', 'backhaul', 'live'), { recursive: true })
      const few = await report(project, '--max-changes', '1')
      expect(few.limit).toEqual({ requests: 190, seconds: 10 })
      expect(few.changes.rowId).toHaveLength(1)
      expect(few.totals.changes).toBe(payload.totals.changes)

      const cutOff = join(project.dir, 'target', 'backhaul', 'plan.json.4711.part')
      writeFileSync(cutOff, 'grace@shop.example')
      const forgotten = await project.run(['forget', '--match', 'grace@shop.example'])
      expect(forgotten.exitCode, forgotten.stderr).toBe(0)
      expect(forgotten.stdout).toContain('report.html')
      expect(existsSync(reportPath(project))).toBe(false)
      expect(existsSync(cutOff)).toBe(false)
      const after = JSON.stringify(await report(project))
      for (const word of ['Grace', 'grace@', String(changes.recordId[at(0, '2')])])
        expect(after).not.toContain(word)
    },
  )
}

test('a page holds as much of values as audit.values allows, and of one sync only when asked', async () => {
  const sandbox = await strictSandbox()
  const firms = {
    sync: 'firms',
    object: 'companies',
    mode: 'insert',
    primary_key: 'id',
    properties: { name: 'first_name' },
  }
  const syncs = [{ model: 'people', hubspot: [contacts().hubspot, firms] }]
  const project = await smallShop({
    sandbox,
    syncs,
    settings: { audit: { values: 'hashed', requests: 'full' } },
  })
  await project.run(['run'])
  const hashed = await report(project, '--select', 'sync:contacts')
  expect(hashed.values).toBe('hashed')
  expect(hashed.runs.map(({ sync }) => sync)).toEqual(['contacts'])
  expect(hashed.syncs.map(({ name }) => name)).toEqual(['contacts'])
  const [old, next] = hashed.changes.values[0]?.['firstname'] ?? []
  expect([old, next]).toEqual([null, expect.stringMatching(/^[0-9a-f]{64}$/)])
  expect(hashed.requests.every(({ requestBody }) => requestBody === null)).toBe(true)
  expect(JSON.stringify(hashed)).not.toMatch(/Ada|ada@shop/)

  for (const out of [
    '/dev/null/below/report.html',
    '/proc/backhaul/report.html',
    '/proc/report.html',
  ]) {
    const nowhere = await project.run(['report', '--out', out], offline)
    expect(nowhere.exitCode).toBe(1)
    expect(nowhere.stderr).toMatch(
      /report\.html: cannot be written \(E\w+\)\n +Choose another file with --out\./,
    )
  }
})

test('bad options are told before anything is asked', async () => {
  const project = await smallShop({})
  for (const args of [
    ['--days', '0'],
    ['--max-changes', '-1'],
    ['--days', '1.5'],
    ['--port', '8123'],
  ]) {
    const { exitCode, stderr } = await project.run(['report', ...args])
    expect(exitCode, stderr).toBe(2)
  }
  const none = await project.run(['report', '--select', 'nope', '--json'])
  expect(none.exitCode).toBe(1)
  expect(none.stdout).toBe('')
  expect(none.stderr).toContain(
    'No sync is selected; nothing to do. Syncs of the project: contacts',
  )
  const served = await project.run(['report', '--select', 'nope', '--serve'])
  expect(served.exitCode).toBe(1)
})

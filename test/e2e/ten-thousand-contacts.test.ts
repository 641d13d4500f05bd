import { expect, test } from 'vitest'
import { createProject, type TestProject } from '../support/project.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { testEngines } from '../support/warehouses.ts'

const contacts = {
  model: 'people',
  hubspot: {
    sync: 'contacts',
    object: 'contacts',
    primary_key: 'id',
    match: { email: 'email' },
    properties: { firstname: 'first_name', city: 'city', jobtitle: 'job_title' },
  },
}

const table = `create table people as
  select id, 'person' || id || '@shop.example' as email, 'Person ' || id as first_name,
         'Town ' || (id % 50) as city, 'Buyer' as job_title
  from generate_series(1, 10000) as numbers(id)`

for (const { name, missing } of testEngines()) {
  test.skipIf(missing !== undefined)(
    `10,000 contacts take 100 calls, then none, then 10 for 1,000 changes (${name})`,
    async () => {
      const sandbox = await strictSandbox()
      const project = await createProject({
        engine: name,
        sandbox,
        syncs: [contacts],
        tables: [table],
      })
      const step = async () => {
        const planned = await plannedCalls(project)
        const before = sandbox.writeCalls()
        const run = await project.run(['run'])
        expect(run.exitCode, run.stderr).toBe(0)
        return { planned, counted: sandbox.writeCalls() - before }
      }

      expect(await step()).toEqual({ planned: 100, counted: 100 })
      expect(sandbox.countRecords('contacts')).toBe(10_000)
      expect(await step()).toEqual({ planned: 0, counted: 0 })

      await project.sql("update people set job_title = 'Head of Buying' where id % 10 = 3")
      expect(await step()).toEqual({ planned: 10, counted: 10 })

      const inputs = sandbox.written().slice(100).flatMap(inputsOf)
      expect(inputs).toHaveLength(1000)
      for (const input of inputs) expect(input.properties).toEqual({ jobtitle: 'Head of Buying' })
      const changed = sandbox
        .records('contacts')
        .filter(({ properties }) => properties['jobtitle'] === 'Head of Buying')
      expect(changed.map(({ properties }) => properties['email']).sort()).toEqual(
        Array.from({ length: 1000 }, (_, place) => `person${place * 10 + 3}@shop.example`).sort(),
      )
      expect(
        await project.rows(
          'select rows_created, rows_updated, rows_unchanged, calls_planned, calls_made from runs order by run_id',
        ),
      ).toEqual([
        audited({ rows_created: 10_000, calls_planned: 100, calls_made: 100 }),
        audited({ rows_unchanged: 10_000 }),
        audited({ rows_updated: 1000, rows_unchanged: 9000, calls_planned: 10, calls_made: 10 }),
      ])
    },
  )
}

const audited = (counts: Readonly<Record<string, number>>) => ({
  rows_created: 0,
  rows_updated: 0,
  rows_unchanged: 0,
  calls_planned: 0,
  calls_made: 0,
  ...counts,
})

async function plannedCalls(project: TestProject): Promise<number> {
  const { exitCode, stdout, stderr } = await project.run(['plan', '--output', 'json'])
  expect(exitCode, stderr).toBe(0)
  const [plan] = stdout.split('\n')
  return JSON.parse(plan ?? '').calls.writes
}

interface Input {
  readonly properties: Readonly<Record<string, string>>
}

const inputsOf = ({ body }: { readonly body: unknown }) =>
  (body as { readonly inputs: readonly Input[] }).inputs

import { expect, test } from 'vitest'
import { annotatePlan } from '../../../../src/cli/github/annotate-plan.ts'
import { sayFor } from '../../../../src/cli/render/shell-word.ts'
import type { Plan } from '../../../../src/plan/plan.ts'
import type { Sync } from '../../../../src/types.ts'

const say = sayFor({ targetName: 'dev', defaultTargetName: 'dev' })
const workspace = { root: '/work', projectDir: '/work/shop' }
const place = { file: 'shop/models/schema.yml', line: 7, column: 9 }
const originOf = () => ({ file: 'models/schema.yml', line: 7, column: 9 })

const plan = (sync: string, facts: Partial<Plan>) =>
  ({ sync, guards: [], rejects: [], ...facts }) as unknown as Plan

test('what a plan found out is shown at the YAML of its sync, and names no row', () => {
  const shown = annotatePlan(
    {
      plans: [
        plan('contacts', { rejects: [{ reason: 'missing_key', rows: 2 }] }),
        plan('deals', {
          rejects: [{ reason: 'duplicate_key', rows: 1200 }],
          guards: [{ guard: 'max_deletes', message: '9 of 10 rows' }],
        }),
      ],
      held: [
        { sync: { name: 'leads' } as Sync, why: 'test failed', exitCode: 1, causes: [] },
        { sync: { name: 'calls' } as Sync, why: 'not built', exitCode: 0, causes: [] },
      ],
      problems: [{ sync: 'tickets', key: 'properties.x', message: 'no such property' }],
    },
    originOf,
    workspace,
    sayFor({ targetName: 'ci', defaultTargetName: 'dev' }),
  )
  expect(shown).toEqual([
    { level: 'error', title: 'Sync tickets: properties.x', message: 'no such property' },
    {
      level: 'error',
      title: 'Sync deals: a run would be guarded (max_deletes)',
      message:
        '9 of 10 rows. A run would write nothing.\nIf this is right: backhaul run --target ci --select deals --force-guard max_deletes',
      ...place,
    },
    { level: 'error', title: 'Sync leads: a run would hold it', message: 'test failed', ...place },
    { level: 'warning', title: 'Sync calls: a run would hold it', message: 'not built', ...place },
    {
      level: 'warning',
      title: 'Sync deals: 1,200 rows would be rejected, duplicate_key',
      message:
        'the primary key occurs more than once in the model. Make the model unique per primary key and add a `unique` test.',
      ...place,
    },
    {
      level: 'warning',
      title: 'Sync contacts: 2 rows would be rejected, missing_key',
      message:
        'the primary key is NULL or empty. Filter these rows out in the model, or choose another primary_key.',
      ...place,
    },
  ])
})

test('GitHub shows ten of a kind, and the last one says how many there are beside', () => {
  const problems = Array.from({ length: 14 }, (_, index) => ({ message: `wrong ${index}` }))
  const shown = annotatePlan({ plans: [], held: [], problems }, originOf, workspace, say)
  expect(shown).toHaveLength(10)
  expect(shown.at(-1)?.message).toBe('5 more: see the log.')
})

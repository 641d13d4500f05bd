import { expect, test } from 'vitest'
import {
  createPlanDocument,
  failureMarkdown,
  fairShares,
} from '../../../../src/cli/render/plan-markdown.ts'
import { sayFor } from '../../../../src/cli/render/shell-word.ts'
import type { Plan } from '../../../../src/plan/plan.ts'
import type { PlannedChange } from '../../../../src/plan/planned-changes.ts'
import type { Sync } from '../../../../src/types.ts'

const say = sayFor({ targetName: 'dev', defaultTargetName: 'dev' })
const none = {
  create: 0,
  upsert: 0,
  update: 0,
  send: 0,
  add: 0,
  remove: 0,
  clear: 0,
  archive: 0,
  leave: 0,
  skip: 0,
  reject: 0,
  refresh: 0,
}

const planOf = (facts: Partial<Plan> = {}): Plan => ({
  version: 1,
  sync: 'contacts',
  runId: 'run',
  model: 'model.shop.people',
  object: 'contacts',
  mode: 'upsert',
  matchedBy: 'unique',
  warnings: [],
  start: 'all',
  isFirstRun: false,
  isCountOnly: false,
  removals: { kept: [], restorableForDays: 90 },
  rows: {
    inModel: 500,
    known: 499,
    unchanged: 498,
    parked: 0,
    unknown: 0,
    returned: 0,
    waiting: 0,
    onlyDropped: 0,
  },
  operations: none,
  rejects: [],
  waits: [],
  dropped: [],
  calls: { writes: 0, lookups: 0, searches: 0 },
  guards: [],
  ...facts,
})

const change = (facts: Partial<PlannedChange> = {}): PlannedChange => ({
  sequence: 1,
  rowId: '1',
  recordId: '1001',
  operation: 'update',
  old: { firstname: 'Ada' },
  new: { firstname: 'Ada L.' },
  reason: null,
  detail: null,
  message: null,
  dropped: [],
  ...facts,
})

const syncOf = (name: string) =>
  ({ name, object: 'contacts', model: { name: 'people' }, match: { property: 'email' } }) as Sync

const updates = {
  operations: { ...none, update: 1 },
  calls: { writes: 1, lookups: 0, searches: 0 },
}

interface Entry {
  readonly plan: Plan
  readonly changes?: readonly PlannedChange[]
  readonly all?: number
}

function documentOf(
  entries: readonly Entry[],
  facts: Partial<Parameters<ReturnType<typeof createPlanDocument>['render']>[0]> = {},
): string {
  const document = createPlanDocument({ run: say, plan: say })
  for (const { plan, changes = [], all = changes.length } of entries) {
    const printer = document.printer(syncOf(plan.sync), () => 0)
    printer.plan(plan, changes.slice(0, 1))
    if (changes.length > 1) printer.more(changes.slice(1))
    printer.end(plan, changes.length, all)
  }
  return document.render({
    targetName: 'ci',
    portalId: '4242424',
    held: [],
    problems: [],
    ...facts,
  })
}

test('a table of all syncs, and a fold for each that has something to tell', () => {
  const text = documentOf([
    { plan: planOf(updates), changes: [change()] },
    { plan: planOf({ sync: 'deals', object: 'deals' }) },
  ])
  expect(text).toMatchInlineSnapshot(`
    "### Backhaul plan

    **1 of 2 syncs would change HubSpot, by 1 write call at most** (target \`ci\`, portal 4242424)

    | Sync | Object | What a run would do | Write calls |
    | --- | --- | --- | ---: |
    | \`contacts\` | contacts | 1 update, 498 unchanged | 1 |
    | \`deals\` | deals | 498 unchanged | 0 |

    <details><summary><code>contacts</code></summary>

    \`\`\`text
    contacts: people → contacts (upsert by email)
      500 rows in the model, 499 known
      1 update, 498 unchanged
      1 write call
        ~ 1 (record 1001)
            firstname: "Ada" → "Ada L."
    \`\`\`

    </details>

    \`~ update\`

    Nothing was sent to HubSpot.
    "
  `)
})

test('what is held, guarded or wrong is said', () => {
  const text = documentOf(
    [
      {
        plan: planOf({
          ...updates,
          guards: [{ guard: 'empty_model', message: 'the model is empty' }],
        }),
      },
    ],
    {
      held: [
        { sync: syncOf('deals'), exitCode: 1, causes: [], why: 'test unique_deals_id failed' },
      ],
      problems: [{ sync: 'companies', message: 'there is no property nmae' }],
    },
  )
  expect(text).toMatchInlineSnapshot(`
    "### Backhaul plan

    **No change in HubSpot by 2 syncs** (target \`ci\`, portal 4242424)

    | Sync | Object | What a run would do | Write calls |
    | --- | --- | --- | ---: |
    | \`contacts\` | contacts | **guarded** (\`empty_model\`), nothing would be written: 1 update, 498 unchanged | 1 |
    | \`deals\` | contacts | held: test unique_deals_id failed | – |

    **1 problem**

    \`\`\`text
    sync companies: there is no property nmae
    \`\`\`

    <details><summary><code>contacts</code></summary>

    \`\`\`text
    contacts: people → contacts (upsert by email)
      500 rows in the model, 499 known
      1 update, 498 unchanged
      1 write call
      Guard empty_model: the model is empty. A run would write nothing.
        If this is right: backhaul run --select contacts --force-guard empty_model
    \`\`\`

    </details>

    Nothing was sent to HubSpot.
    "
  `)
})

test('long runs of backticks do not make the document longer than a comment may be', () => {
  const changes = Array.from({ length: 20 }, () => change({ rowId: '`'.repeat(499) }))
  const entries = Array.from({ length: 40 }, (_, index) => ({
    plan: planOf({ ...updates, sync: `s${index}` }),
    changes,
  }))
  expect(documentOf(entries).length).toBeLessThanOrEqual(60_000)
})

test('no text of a project or a row means anything as Markdown', () => {
  const hostile = '`|</code></details>\n```\n@everyone #1 <img src=x> [a](b)'
  const text = documentOf(
    [
      {
        plan: planOf({ ...updates, sync: hostile, object: hostile }),
        changes: [change({ rowId: `1\n${'`'.repeat(5)}\n@everyone`, new: { a: '````' } })],
      },
    ],
    { nothing: hostile, problems: [{ message: hostile }] },
  )
  const outside = text.replaceAll(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '')
  const prose = outside.replaceAll(/<code>[^<]*<\/code>|`[\w~ ]+`/g, '')
  expect(prose).not.toMatch(/@\w|(?<!&)#\w|<img|`|\[a\]/)
  expect(outside.match(/<\/details>/g)).toHaveLength(1)
  expect(outside.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(3)
})

test('a document fits a comment, whatever there is to tell, and says what it leaves out', () => {
  const long = Array.from({ length: 3000 }, (_, index) =>
    change({ rowId: String(index), new: { text: 'x'.repeat(40) } }),
  )
  const small = { plan: planOf({ ...updates, sync: 'small' }), changes: [change()] }
  const text = documentOf([
    { plan: planOf(updates), changes: long, all: 4000 },
    small,
    { plan: planOf({ ...updates, sync: 'other' }), changes: long, all: 3000 },
  ])
  expect(text.length).toBeLessThanOrEqual(60_000)
  expect(text.length).toBeGreaterThan(50_000)
  expect(text).toContain('firstname: "Ada" → "Ada L."')
  const [contacts, other] = [...text.matchAll(/… ([\d,]+) more: backhaul plan/g)].map(([, left]) =>
    Number(left?.replace(',', '')),
  )
  const shown = (text.match(/^ {4}~ \d/gm)?.length ?? 0) - 1
  expect((contacts ?? 0) + (other ?? 0) + shown).toBe(7000)

  const many = Array.from({ length: 2000 }, (_, index) => ({
    plan: planOf({ ...updates, sync: `sync_${index}` }),
    changes: [change()],
  }))
  const wide = documentOf(many, {
    problems: Array.from({ length: 2000 }, () => ({ message: 'x'.repeat(100) })),
  })
  expect(wide.length).toBeLessThanOrEqual(60_000)
  expect(wide).toMatch(/… [\d,]+ more \|/)
  expect(wide).toMatch(/… and the details of [\d,]+ more syncs/)
  expect(wide.match(/<details>/g)?.length).toBeGreaterThan(20)
  expect(wide.match(/<details>/g)?.length).toBe(wide.match(/<\/details>/g)?.length)
})

test('room is shared fairly', () => {
  expect(fairShares([10, 1000, 100], 300)).toEqual([10, 190, 100])
  expect(fairShares([10, 20], 300)).toEqual([10, 20])
  expect(fairShares([10, 20], 0)).toEqual([0, 0])
  expect(fairShares([], 10)).toEqual([])
})

test('a command that failed says so', () => {
  expect(failureMarkdown({ category: 'CONFIGURATION', message: 'no ```', problems: [] })).toBe(
    '### Backhaul plan\n\n**There is no plan: CONFIGURATION**\n\n````text\nno ```\n````\n',
  )
})

import { expect, test } from 'vitest'
import { createLogger } from '../../../src/cli/log-writer.ts'
import { createProgress } from '../../../src/cli/progress.ts'
import type { Plan } from '../../../src/plan/plan.ts'

const plan: Plan = {
  version: 1,
  sync: 'contacts',
  runId: 'run',
  model: 'model.shop.people',
  object: 'contacts',
  mode: 'upsert',
  matchedBy: 'unique',
  warnings: [],
  start: 'all',
  isFirstRun: true,
  isCountOnly: false,
  removals: { kept: [], restorableForDays: 90 },
  rows: {
    inModel: 500,
    known: 0,
    unchanged: 0,
    parked: 0,
    unknown: 0,
    returned: 0,
    onlyDropped: 0,
  },
  operations: {
    create: 0,
    upsert: 500,
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
  },
  rejects: [],
  dropped: [],
  calls: { writes: 5, lookups: 0, searches: 0 },
  guards: [],
}

test('without a terminal there is one plain line every ten seconds', () => {
  let nowMs = 0
  const lines: string[] = []
  const clock = () => nowMs
  const log = createLogger({
    format: 'text',
    level: 'info',
    write: (text) => lines.push(text.trimEnd().slice(10)),
    clock,
    invocationId: 'id',
    pid: 1,
    secrets: [],
  })
  const progress = createProgress({
    io: { clock },
    log,
    makeBar: undefined,
    started: () => {},
    finished: () => {},
  })
  progress.planned(plan)
  for (let sent = 0; sent <= 500; sent += 10) {
    nowMs += 500
    progress.sent('contacts', sent, 3)
  }
  expect(lines).toEqual([
    'contacts: 190 of 500 rows sent, 3 rejected',
    'contacts: 390 of 500 rows sent, 3 rejected',
  ])
})

import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { every } from '../../../../src/cli/run/every.ts'

test('work is done at its time, and not all the time when that is far away', async () => {
  let [soon, late] = [0, 0]
  const stops = [every(5, () => soon++), every(999_999_999_000, () => late++)]
  await expect.poll(() => soon).toBeGreaterThan(1)
  for (const stop of stops) stop()
  const before = soon
  await delay(20)
  expect([late, soon]).toEqual([0, before])
})

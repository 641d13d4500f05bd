import { expect, test } from 'vitest'
import { paceMs } from '../../../../src/cli/report/pace.ts'

test('the longer a run takes the less it tells: a day of it is some thousand lines', () => {
  const dayMs = 24 * 60 * 60 * 1000
  const linesOf = (firstMs: number, mostMs: number) => {
    let lines = 0
    for (let ms = 0; ms < dayMs; ms += paceMs(lines, firstMs, mostMs)) lines += 1
    return lines
  }
  expect(paceMs(0, 500, 60_000)).toBe(500)
  expect(paceMs(999, 500, 60_000)).toBe(500)
  expect(linesOf(500, 60_000)).toBeLessThan(10_000)
  expect(linesOf(1000, 10_000)).toBeLessThan(15_000)
  expect(paceMs(1e9, 500, 60_000)).toBe(60_000)
})

import { describe, expect, it } from 'vitest'
import { callsFor, expectedSeconds } from '../../../src/send/pace.ts'

const pace = { requestsPerInterval: 100, intervalMs: 10_000, concurrency: 10, latencyMs: 500 }

describe('the expected duration', () => {
  it.each([
    [0, 0],
    [1, 1],
    [100, 5],
    [101, 11],
    [1000, 91],
  ])('of %i calls is %i s', (calls, seconds) => {
    expect(expectedSeconds(calls, pace)).toBe(seconds)
  })

  it('of a slow connection is set by the connection', () => {
    expect(expectedSeconds(100, { ...pace, concurrency: 1 })).toBe(50)
  })

  it('counts a call per full or started batch', () => {
    expect([0, 1, 100, 101].map((each) => callsFor(each, 100))).toEqual([0, 1, 1, 2])
  })
})

import { expect, test } from 'vitest'
import { SessionLabels } from '../../../src/warehouse/session-labels.ts'
import { queryTag } from '../../../src/warehouse/snowflake/query-tag.ts'

test('labels last as long as the work that they are of, also where it fails', async () => {
  const labels = new SessionLabels({ command: 'run' })
  const seen: unknown[] = []
  const note = async () => {
    seen.push(labels.current)
  }
  await labels.during({ sync: 'contacts' }, () => labels.during({ run: '1' }, note))
  await note()
  await expect(labels.during({ run: '2' }, () => Promise.reject(new Error('no')))).rejects.toThrow()
  await note()
  expect(seen).toEqual([
    { command: 'run', sync: 'contacts', run: '1' },
    { command: 'run' },
    { command: 'run' },
  ])
})

const labels = { application: 'backhaul', run: '0199' }

test.each([
  ['none', undefined, '{"application":"backhaul","run":"0199"}'],
  ['text', 'marketing', 'marketing {"application":"backhaul","run":"0199"}'],
  ['a list', '[1]', '[1] {"application":"backhaul","run":"0199"}'],
  ['JSON that is broken', '{"a":', '{"a": {"application":"backhaul","run":"0199"}'],
  ['an object', '{"team": "m"}', '{"application":"backhaul","run":"0199","team":"m"}'],
  ['an object with our keys', '{"run": 7}', '{"application":"backhaul","run":7}'],
])('a query tag where the profile has %s', (_, ofProfile, tag) => {
  expect(queryTag(ofProfile, labels)).toBe(tag)
})

test('a query tag that would be too long is the profile’s alone', () => {
  const own = JSON.stringify(labels)
  const fits = 'x'.repeat(2000 - own.length - 1)
  expect(queryTag(fits, labels)).toHaveLength(2000)
  expect(queryTag(`${fits}x`, labels)).toBe(`${fits}x`)
  expect(queryTag('x'.repeat(2001), labels)).toBe('x'.repeat(2000))
  expect(queryTag(undefined, { target: 'x'.repeat(3000) })).toBe('')
})

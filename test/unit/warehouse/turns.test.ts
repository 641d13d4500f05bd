import { expect, test } from 'vitest'
import { Turns } from '../../../src/warehouse/turns.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('runs one after the other, in the order asked for, past failures', async () => {
  const turns = new Turns()
  const seen: string[] = []
  const slow = turns.take(async () => {
    await pause(20)
    seen.push('slow')
  })
  const failing = turns.take(async () => {
    seen.push('failing')
    throw new Error('no')
  })
  const quick = turns.take(async () => seen.push('quick'))
  await expect(failing).rejects.toThrow('no')
  await Promise.all([slow, quick])
  expect(seen).toEqual(['slow', 'failing', 'quick'])
})

test('while a stream has the session, others are refused instead of waiting for ever', async () => {
  const turns = new Turns()
  const giveBack = await turns.takeForStream()
  await expect(turns.take(async () => 1)).rejects.toThrow(/fork/)
  giveBack()
  expect(await turns.take(async () => 1)).toBe(1)
})

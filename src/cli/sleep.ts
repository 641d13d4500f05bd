import { setTimeout as delay } from 'node:timers/promises'
import type { Sleep } from '../types.ts'

/** Sleeps, and wakes up early with the signal's reason. */
export const sleep: Sleep = async (ms, signal) => {
  await delay(ms, undefined, signal === undefined ? {} : { signal })
}

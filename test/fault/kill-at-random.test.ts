import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { whyNoPostgres } from '../support/postgres.ts'
import { strictSandbox } from '../support/sandbox.ts'
import { KillRounds, seededRandom } from './kill-rounds.ts'
import { createPeople, engines, expectNothingToDo, peopleSync } from './people-project.ts'
import { isSoak } from './soak.ts'

const modes = ['upsert', 'update', 'insert'] as const
const missing = whyNoPostgres()
/** `npm run test:soak` kills more often, and each mode on each engine. */
const kills = isSoak ? 26 : 4
const places = engines.flatMap((engine) => modes.map((mode) => ({ engine, mode })))
const chosen = places.filter(
  ({ engine, mode }) =>
    isSoak || mode === 'upsert' || (mode === 'insert') === (engine === 'duckdb'),
)

describe.each(chosen)('on $engine in mode $mode', ({ engine, mode }) => {
  const seed = Number(process.env['BACKHAUL_TEST_SEED'] ?? 4711)

  test.skipIf(engine === 'postgres' && missing !== undefined)(
    `kills at any moment lose and double nothing (seed ${seed})`,
    { timeout: isSoak ? 1_200_000 : 300_000 },
    async () => {
      // Slow answers, few at a time: a kill meets requests under way.
      const sandbox = await strictSandbox({ tier: 'unlimited', latencyMs: 80 })
      const project = await createPeople(engine, sandbox, peopleSync(mode), {
        lease_seconds: 10,
        hubspot: { request_timeout_seconds: 1, concurrency: 2 },
      })
      const random = seededRandom(seed)
      const rounds = new KillRounds(project, sandbox, mode, seed)
      let killed = 0
      const kill = async () => {
        const run = project.start(['run'])
        // From here on the time to the end is known well enough to hit any part of it.
        await run.waitFor(/Found \d+ sync/)
        await delay(random() * 900)
        run.signal('SIGKILL')
        if ((await run.finished).signal === 'SIGKILL') killed += 1
      }
      for (let done = 0; done < kills; done += 2) await rounds.play([kill, kill])
      expect(killed, 'kills that met a living process').toBeGreaterThan(kills / 3)
      await expectNothingToDo(project, sandbox)
    },
  )
})

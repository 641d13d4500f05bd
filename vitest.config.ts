import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { ClosingReporter } from './test/support/closing-report.ts'

const slow = { testTimeout: 60_000, hookTimeout: 120_000 }
const slowest = { testTimeout: 180_000, hookTimeout: 180_000 }
/** A version of dbt is installed first. */
const installing = { testTimeout: 600_000, hookTimeout: 600_000 }
const engines = {
  globalSetup: [
    'test/support/postgres-server.ts',
    'test/support/snowflake-server.ts',
    'test/support/bigquery-server.ts',
  ],
}

/**
 * Most of these tests wait: for a command that they started, a server, a lease. Of the engines, drivers are tested with time-outs of
 * their own, which a second file beside them would shift.
 */
const together = { maxWorkers: Math.max(2, availableParallelism() - 1) }

/** From fast to slow: a project starts when those above it are done (groups count from 1: vitest runs group 0 last). `fault` and `cloud` are `npm run test:long`, `dbt` is `npm run test:dbt-matrix`, the others `npm test`. */
const projects: readonly [name: string, options: Record<string, unknown>][] = [
  ['unit', {}],
  ['arch', {}],
  ['sql', {}],
  ['property', slowest],
  ['contract', { ...slowest, testTimeout: 600_000, ...engines, ...together }],
  ['engine', { ...slow, ...engines }],
  ['e2e', { ...slowest, ...engines, ...together }],
  ['browser', { ...slow, globalSetup: ['test/support/chromium.ts'], ...together }],
  ['fault', { ...slowest, ...engines, ...together }],
  ['cloud', { ...slowest, testTimeout: 600_000, ...engines, ...together }],
  ['dbt', { ...installing, globalSetup: ['test/support/postgres-server.ts'], ...together }],
]

export default defineConfig({
  test: {
    reporters: ['default', new ClosingReporter()],
    projects: projects.map(([name, options], index) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        sequence: { groupOrder: index + 1 },
        ...options,
      },
    })),
  },
})

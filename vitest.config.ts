import { defineConfig } from 'vitest/config'
import { ClosingReporter } from './test/support/closing-report.ts'

const slow = { testTimeout: 60_000, hookTimeout: 120_000 }
const slowest = { testTimeout: 180_000, hookTimeout: 180_000 }
const engines = {
  globalSetup: [
    'test/support/postgres-server.ts',
    'test/support/snowflake-server.ts',
    'test/support/bigquery-server.ts',
  ],
}

/** From fast to slow: a project starts when those above it are done. */
const projects: readonly [name: string, options: Record<string, unknown>][] = [
  ['unit', {}],
  ['arch', {}],
  ['sql', {}],
  ['property', slowest],
  ['contract', { ...slowest, testTimeout: 600_000, ...engines }],
  ['engine', { ...slow, ...engines }],
  ['e2e', { ...slowest, ...engines }],
  ['fault', { ...slowest, ...engines }],
]

export default defineConfig({
  test: {
    reporters: ['default', new ClosingReporter()],
    projects: projects.map(([name, options], groupOrder) => ({
      test: { name, include: [`test/${name}/**/*.test.ts`], sequence: { groupOrder }, ...options },
    })),
  },
})

import { defineConfig } from 'vitest/config'
import { ClosingReporter } from './test/support/closing-report.ts'

/** The recipes of examples/orchestrators in the real Airflow, Dagster and Prefect: 700 MB to install, so not part of `npm test`. */
export default defineConfig({
  test: {
    reporters: ['default', new ClosingReporter()],
    include: ['test/orchestrators/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 1,
  },
})

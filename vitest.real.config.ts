import { defineConfig } from 'vitest/config'
import { ClosingReporter } from './test/support/closing-report.ts'

const hourMs = 3_600_000

/** What an engine has to pass, in an account of the user's. Started by test/real/main.ts, which makes the account ready and cleans up. */
export default defineConfig({
  test: {
    reporters: ['default', new ClosingReporter()],
    globalSetup: ['test/real/global-setup.ts'],
    include: [
      'test/contract/{warehouse,diff-cycle,whole-runs}.test.ts',
      'test/engine/{render,floats,fingerprint,quoting}.test.ts',
    ],
    // An answer from afar takes a hundred times as long as one of a server on this machine.
    testTimeout: hourMs,
    hookTimeout: hourMs,
  },
})

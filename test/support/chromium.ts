import type { TestProject } from 'vitest/node'
import { ensureChromium } from '../../scripts/chromium.mjs'

/**
 * Vitest's global set-up of `browser`: finds or installs a Chromium. Where none can be had, tests skip and say why; with CI set that is
 * a failure.
 */
export async function setup(project: TestProject): Promise<void> {
  const found = await ensureChromium()
  if (!found.available) {
    if (process.env['CI']) throw new NoChromiumInCi(found.reason)
    process.stderr.write(`Tests in a browser are skipped: ${found.reason}\n`)
  }
  project.provide('chromium', found)
}

class NoChromiumInCi extends Error {
  constructor(reason: string) {
    super(`CI is set, so the tests in a browser must run, but: ${reason}`)
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    chromium: Awaited<ReturnType<typeof ensureChromium>>
  }
}

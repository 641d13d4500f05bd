import type { TestProject } from 'vitest/node'
import { startSnowflake } from '../../scripts/snowflake.mjs'

/**
 * Vitest's global set-up of every project that needs Snowflake: one server for the whole run, whichever project asks first.
 * Where none can be had (no Python), tests skip and say why; with CI set that is a failure.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const result = await startOnce()
  if (result.available) {
    project.provide('snowflake', { available: true, port: result.server.port })
  } else if (process.env['CI']) {
    throw new NoSnowflakeInCi(result.reason)
  } else {
    process.stderr.write(`Snowflake tests are skipped: ${result.reason}\n`)
    project.provide('snowflake', result)
  }
  return async () => {
    if (result.available) await result.server.stop()
  }
}

class NoSnowflakeInCi extends Error {
  constructor(reason: string) {
    super(`CI is set, so the Snowflake tests must run, but: ${reason}`)
  }
}

/** What tests see of the server: `inject('snowflake')`. */
type ProvidedSnowflake = { available: true; port: number } | { available: false; reason: string }

declare module 'vitest' {
  interface ProvidedContext {
    snowflake: ProvidedSnowflake
  }
}

// Each project loads this file anew; the process is what they share.
const shared = globalThis as { backhaulTestSnowflake?: ReturnType<typeof startSnowflake> }

function startOnce() {
  shared.backhaulTestSnowflake ??= startSnowflake()
  return shared.backhaulTestSnowflake
}

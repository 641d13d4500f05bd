import type { TestProject } from 'vitest/node'
import { type Server, startPostgres } from '../../scripts/postgres.mjs'

/**
 * Vitest's global set-up of every project that needs PostgreSQL: one server for the whole run, whichever project asks first.
 * Where no server can be had, tests skip and say why; with CI set that is a failure.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const result = await startOnce()
  if (result.available) {
    const { url, env, version } = result.server
    project.provide('postgres', { available: true, url, env, version })
  } else if (process.env['CI']) {
    throw new NoPostgresInCi(result.reason)
  } else {
    process.stderr.write(`PostgreSQL tests are skipped: ${result.reason}\n`)
    project.provide('postgres', result)
  }
  return async () => {
    if (result.available) await result.server.stop()
  }
}

class NoPostgresInCi extends Error {
  constructor(reason: string) {
    super(`CI is set, so the PostgreSQL tests must run, but: ${reason}`)
  }
}

/** What tests see of the server: `inject('postgres')`. */
type ProvidedPostgres =
  | ({ available: true } & Pick<Server, 'url' | 'env' | 'version'>)
  | { available: false; reason: string }

declare module 'vitest' {
  interface ProvidedContext {
    postgres: ProvidedPostgres
  }
}

// Each project loads this file anew; the process is what they share.
const shared = globalThis as { backhaulTestPostgres?: ReturnType<typeof startPostgres> }

function startOnce() {
  shared.backhaulTestPostgres ??= startPostgres()
  return shared.backhaulTestPostgres
}

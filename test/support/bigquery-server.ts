import type { TestProject } from 'vitest/node'
import { startBigquery } from '../../scripts/bigquery.mjs'

/**
 * Vitest's global set-up of every project that needs BigQuery: one server for the whole run, whichever project asks first.
 * Where none can be had, tests skip and say why; with CI set that is a failure.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const result = await startOnce()
  if (result.available) {
    project.provide('bigquery', { available: true, url: result.server.url })
  } else if (process.env['CI']) {
    throw new NoBigqueryInCi(result.reason)
  } else {
    process.stderr.write(`BigQuery tests are skipped: ${result.reason}\n`)
    project.provide('bigquery', result)
  }
  return async () => {
    if (result.available) await result.server.stop()
  }
}

class NoBigqueryInCi extends Error {
  constructor(reason: string) {
    super(`CI is set, so the BigQuery tests must run, but: ${reason}`)
  }
}

/** What tests see of the server: `inject('bigquery')`. */
type ProvidedBigquery = { available: true; url: string } | { available: false; reason: string }

declare module 'vitest' {
  interface ProvidedContext {
    bigquery: ProvidedBigquery
  }
}

// Each project loads this file anew; the process is what they share.
const shared = globalThis as { backhaulTestBigquery?: ReturnType<typeof startBigquery> }

function startOnce() {
  shared.backhaulTestBigquery ??= startBigquery()
  return shared.backhaulTestBigquery
}

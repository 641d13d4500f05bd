import type { Meter } from '@opentelemetry/api'
import type { RequestRecord } from '../../types.ts'
import { objectOf, routeOf } from './route.ts'
import type { RunFigures } from './telemetry.ts'

export interface Metrics {
  called(request: RequestRecord, server: Readonly<Record<string, string | number>>): void
  ran(figures: RunFigures, builtAt: string | undefined): void
}

/** Seconds of calls, as OpenTelemetry advises for HTTP clients. */
const callSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const syncSeconds = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14_400]

/** What is counted of a run; `docs/telemetry.md` says what each number means. */
export function createMetrics(meter: Meter): Metrics {
  const calls = meter.createCounter('backhaul.hubspot.calls', { unit: '{call}' })
  const retries = meter.createCounter('backhaul.hubspot.retries', { unit: '{call}' })
  const seconds = meter.createHistogram('http.client.request.duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: callSeconds },
  })
  const waits = meter.createHistogram('backhaul.hubspot.limit.wait', {
    unit: 's',
    advice: { explicitBucketBoundaries: callSeconds },
  })
  const rows = meter.createCounter('backhaul.rows', { unit: '{row}' })
  const links = meter.createCounter('backhaul.links', { unit: '{link}' })
  const durations = meter.createHistogram('backhaul.sync.duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: syncSeconds },
  })
  const lag = meter.createGauge('backhaul.sync.lag', { unit: 's' })
  const statements = meter.createCounter('backhaul.warehouse.statements', { unit: '{statement}' })
  const billed = meter.createCounter('backhaul.warehouse.billed', { unit: 'By' })

  const countRows = ({ sync, object, counts, plan }: RunFigures['results'][number]) => {
    const of = { 'backhaul.sync': sync, 'backhaul.object': object }
    const all = { ...counts, unchanged: plan?.rows.unchanged ?? 0 }
    for (const [outcome, count] of Object.entries(all)) {
      if (count === 0) continue
      const [, link] = /^links([A-Z]\w*)$/.exec(outcome) ?? []
      if (link === undefined) rows.add(count, { ...of, 'backhaul.outcome': outcome })
      else links.add(count, { ...of, 'backhaul.outcome': link.toLowerCase() })
    }
  }
  return {
    called(request, server) {
      const { method, path, status, errorCategory, attempt, waitedMs, durationMs } = request
      const object = objectOf(path)
      const of = {
        'http.request.method': method,
        'url.template': routeOf(path),
        ...(status === null ? {} : { 'http.response.status_code': status }),
        ...(errorCategory === null ? {} : { 'error.type': errorCategory }),
      }
      calls.add(1, { ...of, ...(object === undefined ? {} : { 'backhaul.object': object }) })
      seconds.record(durationMs / 1000, { ...of, ...server })
      if (attempt > 1) retries.add(1, of)
      if (waitedMs > 0) waits.record(waitedMs / 1000)
    },
    ran({ results, warehouse, metadata }, builtAt) {
      for (const result of results) {
        const { sync, object, status, durationMs } = result
        const of = { 'backhaul.sync': sync, 'backhaul.object': object }
        countRows(result)
        durations.record(durationMs / 1000, { ...of, 'backhaul.status': status })
        const ageMs = Date.parse(metadata.generated_at) - Date.parse(builtAt ?? '')
        if (status === 'succeeded' && ageMs >= 0) lag.record(ageMs / 1000, of)
      }
      statements.add(warehouse.statements)
      if (warehouse.bytes_billed !== null) billed.add(warehouse.bytes_billed)
    },
  }
}

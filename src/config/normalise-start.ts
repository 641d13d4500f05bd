import type { Sync } from '../types.ts'
import type { Finding } from './check.ts'
import type { Parsed } from './parsed-sync.ts'

/** From when on rows are sent; nothing where all are. */
export function startOf({ input, originOf }: Parsed): Pick<Sync, 'start'> {
  const { start, timezone } = input
  if (start === 'all') return {}
  if (start === 'now') return { start: { kind: 'now' } }
  return {
    start: {
      kind: 'from',
      column: start.column,
      from: momentOf(start.from) ?? start.from,
      ...(timezone === undefined ? {} : { timezone }),
      origin: originOf(['start', 'column']),
    },
  }
}

export function* startRules({ input: { start, mode } }: Parsed): Generator<Finding> {
  if (start !== 'all' && mode !== 'insert') {
    yield { path: ['start'], message: `only goes with mode insert, not ${mode}` }
  }
  if (typeof start === 'object' && momentOf(start.from) === undefined) {
    yield {
      path: ['start', 'from'],
      message: `must be a date or a moment, not \`${start.from}\``,
      hint: 'Write `2026-01-01` or `2026-01-01T08:00:00Z`; without a zone it is UTC.',
    }
  }
}

/** ISO 8601 in UTC; a date is its midnight. Undefined when the text is neither. */
function momentOf(text: string): string | undefined {
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/i.exec(
      text.trim(),
    )
  if (match === null) return undefined
  const [, day, time = '00:00', zone = 'Z'] = match
  const moment = new Date(`${day}T${time}${zone.toUpperCase()}`)
  const isReal =
    !Number.isNaN(moment.getTime()) && new Date(`${day}T00:00Z`).toISOString().startsWith(day ?? '')
  return isReal ? moment.toISOString() : undefined
}

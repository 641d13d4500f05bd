/**
 * @typedef {object} Result of a sync, as `run --output json` prints it
 * @property {string} sync
 * @property {string} object
 * @property {string} status
 * @property {Record<string, number>} counts
 * @property {{ made: number }} calls
 * @property {{ message: string } | null} error
 */

const signs = /** @type {Record<string, string>} */ ({
  succeeded: '✅',
  held: '⏸️',
  partial: '⚠️',
  guarded: '🛑',
})

/** What is counted, in the order in which it is told. */
const told = /** @type {const} */ ([
  ['created', 'created'],
  ['updated', 'updated'],
  ['sent', 'sent'],
  ['added', 'added'],
  ['removed', 'removed'],
  ['cleared', 'cleared'],
  ['archived', 'archived'],
  ['linksAdded', 'linked'],
  ['linksRemoved', 'unlinked'],
  ['skipped', 'skipped'],
  ['rejected', 'rejected'],
  ['pending', 'left for the next run'],
  ['unknown', 'unknown'],
  ['parked', 'parked'],
])

/** Bytes. GitHub takes a megabyte for the summary of a step. */
const longest = 900_000

/**
 * The job's summary of a run.
 *
 * @param {string} json what `backhaul run --output json` printed
 * @returns {string} Markdown; says so where it was no JSON
 */
export function runSummary(json) {
  const document = parse(json)
  if (document === undefined) return '### Backhaul run\n\nThere are no results: see the log.\n'
  const { metadata, results = [], error, exit_code } = document
  const rows = results.map(
    (/** @type {Result} */ { sync, object, status, counts, calls, error }) => {
      const rows = told.flatMap(([key, word]) =>
        (counts[key] ?? 0) > 0 ? [`${counts[key]} ${word}`] : [],
      )
      const why = error === null ? '' : `: ${cell(error.message)}`
      return `| ${cell(sync)} | ${cell(object)} | ${signs[status] ?? '❌'} ${status}${why} | ${rows.join(', ') || 'no change'} | ${calls.made} |`
    },
  )
  const lines = [
    `### Backhaul run`,
    '',
    `Exit code ${exit_code}, target ${cell(metadata?.target ?? '?')}, portal ${cell(metadata?.portal_id ?? '?')}`,
    ...(error === null || error === undefined
      ? []
      : ['', `**It ended early**: ${cell(error.message)}`]),
    ...(rows.length === 0
      ? []
      : [
          '',
          '| Sync | Object | Status | Rows | Write calls |',
          '| --- | --- | --- | --- | ---: |',
          ...rows,
        ]),
  ]
  return `${bounded(lines).join('\n')}\n`
}

/** The first lines, and how many more there were. @param {string[]} lines */
function bounded(lines) {
  let bytes = 0
  const end = lines.findIndex((line) => {
    bytes += Buffer.byteLength(line) + 1
    return bytes > longest
  })
  return end < 0
    ? lines
    : [...lines.slice(0, end), '', `and ${lines.length - end} more: see the log`]
}

/** @param {string} json */
function parse(json) {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** Text that stays in its cell and means nothing as Markdown. @param {unknown} value */
const cell = (value) =>
  String(value)
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*~[\]|]/g, (sign) => `&#${sign.charCodeAt(0)};`)

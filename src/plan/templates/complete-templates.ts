import { setTimeout as pause } from 'node:timers/promises'
import { renderTemplate } from '../../template/render-template.ts'
import { tableName } from '../../warehouse/dialect.ts'
import { raw, sql } from '../../warehouse/sql.ts'
import type { Row, Warehouse } from '../../warehouse/warehouse.ts'
import type { StoredDiffSpec, TemplateProperty } from '../diff-spec.ts'
import { unrenderable } from '../diff-spec.ts'
import { rejectRepeatedTexts } from '../values/repeated-texts.ts'
import { completion } from './template-completion.ts'
import { inputReader } from './template-inputs.ts'

/** Rendering keeps everything else waiting, the renewal of the lease included: it pauses this often, and this long. */
const busyMs = 100
const pauseMs = 5

/**
 * Renders the templates of a change set that was just written, and completes it with their texts. Reads and uploads window by
 * window; the statement that completes the plan is one, or where the engine wants slices, one per slice.
 */
export async function completeTemplates(
  warehouse: Warehouse,
  spec: StoredDiffSpec,
  onUploaded: () => void,
): Promise<void> {
  const { templates = [], rendered } = spec
  if (templates.length === 0) return
  if (rendered === undefined) throw new TypeError('templates need a table to upload to')
  const { windowRows, sliceRows } = warehouse.dialect.capabilities
  const textsOf = renderer(templates)
  const last = await lastPosition(warehouse, spec)
  let waiting = 0
  let first = 1
  for (let from = 1; from <= last; from += windowRows) {
    const upTo = Math.min(last, from + windowRows - 1)
    const texts: (readonly [string, number, string])[] = []
    let pausedMs = performance.now()
    for (const row of await readInputs(warehouse, spec, from, upTo)) {
      texts.push([spec.runId, Number(row['seq']), JSON.stringify(textsOf(row))])
      if (performance.now() - pausedMs < busyMs) continue
      await pause(pauseMs)
      pausedMs = performance.now()
    }
    await warehouse.upload(rendered, ['run_id', 'seq', 'new_values'], texts)
    waiting += texts.length
    if (upTo < last && (sliceRows === undefined || waiting < sliceRows)) continue
    onUploaded()
    for (const statement of completion(warehouse.dialect, { ...spec, rendered }, first, upTo)) {
      await warehouse.execute(statement)
    }
    waiting = 0
    first = upTo + 1
  }
  if (last === 0) return
  for (const statement of rejectRepeatedTexts(warehouse.dialect, spec)) {
    await warehouse.execute(statement)
  }
}

/** Position of the last row that is to be rendered; 0 when there is none. */
async function lastPosition(
  warehouse: Warehouse,
  { plan, runId }: StoredDiffSpec,
): Promise<number> {
  const [row] =
    await warehouse.query(sql`select max(seq) as last from ${raw(tableName(warehouse.dialect, plan))}
where run_id = ${runId} and template_values is not null`)
  return Number(row?.['last'] ?? 0)
}

const readInputs = (
  warehouse: Warehouse,
  { plan, runId }: StoredDiffSpec,
  from: number,
  upTo: number,
): Promise<readonly Row[]> =>
  warehouse.query(sql`select seq, template_values from ${raw(tableName(warehouse.dialect, plan))}
where run_id = ${runId} and template_values is not null and seq between ${from} and ${upTo}`)

/** The texts of a row's templates, by property; a text that cannot be had says why. */
export function renderer(
  templates: readonly TemplateProperty[],
): (row: Row) => Readonly<Record<string, string | null>> {
  const read = inputReader(templates)
  return (row) => {
    const inputs = read(row)
    return Object.fromEntries(
      templates.map((one) => [one.property.name, textOf(one.template, inputs(one))]),
    )
  }
}

function textOf(
  template: string,
  row: ReturnType<ReturnType<ReturnType<typeof inputReader>>>,
): string | null {
  if (row.isUnreadable) return `${unrenderable}the value of column ${row.column} has no text form`
  const rendered = renderTemplate(template, row.values)
  return 'problem' in rendered ? `${unrenderable}${rendered.problem}` : rendered.text
}

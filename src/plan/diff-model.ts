import { type Dialect, tableName } from '../warehouse/dialect.ts'
import { raw, type Sql, sql } from '../warehouse/sql.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { readAskedRows } from './asked-rows.ts'
import {
  count,
  countBackwards,
  countDropped,
  countOperations,
  countParked,
  countPolicyRows,
} from './counts.ts'
import { removes } from './diff/departed.ts'
import { changeSet, diffStatement } from './diff/diff.ts'
import { preflightStatement, uniqueValues } from './diff/repeats.ts'
import { sliceStatement } from './diff/slices.ts'
import type { DiffList, DiffSpec, KeySlice, StoredDiffSpec } from './diff-spec.ts'
import { countMemberRemovals, keepMembers } from './kept-members.ts'
import { countRemovals, keepStatements } from './kept-records.ts'
import { countLinks, type LinkSizes } from './links/link-counts.ts'
import { linksStatement } from './links/link-plan.ts'
import type { Diff, PlannedLinks } from './plan.ts'
import { completeTemplates } from './templates/complete-templates.ts'

/** What is to be planned; whether keys or match values repeat is found out. */
export type ModelSpec = Omit<DiffSpec, 'hasRepeatedKeys' | 'hasRepeatedMatches' | 'repeatedValues'>

/** A spec that looks for all repeats itself, because nobody has looked before. */
export const withRepeats = (spec: ModelSpec): DiffSpec => ({
  ...spec,
  hasRepeatedKeys: true,
  hasRepeatedMatches: spec.match !== undefined,
  repeatedValues: spec.properties.flatMap(({ name, isUnique }) =>
    isUnique === true ? [name] : [],
  ),
})

/** The statements that read the model, for asking what they would bill. */
export function readingStatements(dialect: Dialect, spec: ModelSpec): readonly Sql[] {
  const whole = dialect.capabilities.hasSnapshots
    ? { ...spec, hasRepeatedKeys: false, hasRepeatedMatches: false }
    : withRepeats(spec)
  const { plan } = whole
  return [
    preflightStatement(dialect, whole),
    plan === undefined ? changeSet(dialect, whole) : diffStatement(dialect, { ...whole, plan }),
  ]
}

interface DiffOptions {
  /** The texts of templates are in the warehouse, and not in the plan yet. */
  readonly onUploaded?: () => void
  /** What a request for links takes; needed where the sync has some. */
  readonly linkSizes?: LinkSizes
}

/**
 * Looks at the model and writes the change set into the plan table; without one, only counts it. All of it sees one snapshot of
 * the model, which is scanned twice: once for keys and match values, once for the diff; without a plan table, once more for each
 * further count. Templates are rendered between the snapshot and the counts: that needs neither the model nor a long transaction.
 *
 * @param batchSize rows per request
 */
export async function diffModel(
  warehouse: Warehouse,
  spec: ModelSpec,
  batchSize: number,
  { onUploaded = () => {}, linkSizes }: DiffOptions = {},
): Promise<Diff> {
  const { plan, templates } = spec
  const counted = async (written: Written): Promise<Diff> => {
    const diff = await countChanges(warehouse, written, batchSize)
    const links = await planLinks(warehouse, written.spec, linkSizes)
    return links === undefined ? diff : { ...diff, links }
  }
  if (plan === undefined || templates === undefined) {
    return warehouse.withSnapshot(async () => counted(await writeChanges(warehouse, spec)))
  }
  const written = await warehouse.withSnapshot(() => writeChanges(warehouse, spec))
  await completeTemplates(warehouse, { ...written.spec, plan }, onUploaded)
  return warehouse.withSnapshot(() => counted(written))
}

/** Links come when all is known of the rows: those of rows that are refused stay as they are. */
async function planLinks(
  warehouse: Warehouse,
  spec: DiffSpec,
  sizes: LinkSizes | undefined,
): Promise<PlannedLinks | undefined> {
  if (spec.links === undefined || sizes === undefined || spec.isAdoption === true) return undefined
  const { plan } = spec
  if (plan !== undefined) {
    await warehouse.execute(linksStatement(warehouse.dialect, { ...spec, plan }))
  }
  return countLinks(warehouse, spec, sizes)
}

/** What is known once the change set is written. */
interface Written {
  readonly spec: DiffSpec
  readonly rowsInModel: number
}

async function writeChanges(warehouse: Warehouse, spec: ModelSpec): Promise<Written> {
  const { dialect } = warehouse
  const unchecked = { ...spec, hasRepeatedKeys: false, hasRepeatedMatches: false }
  const [preflight] = await warehouse.query(preflightStatement(dialect, unchecked))
  // Without a snapshot the model may have changed since: then the diff looks for itself.
  const mayDiffer = !dialect.capabilities.hasSnapshots
  const checked = {
    ...spec,
    hasRepeatedKeys: mayDiffer || count(preflight, 'keyed') > count(preflight, 'distinct_keys'),
    hasRepeatedMatches:
      spec.match !== undefined &&
      (mayDiffer || count(preflight, 'matches') > count(preflight, 'distinct_matches')),
    repeatedValues: uniqueValues(dialect, unchecked)
      .filter(
        ({ index }) =>
          mayDiffer ||
          count(preflight, `repeated${index}`) > count(preflight, `distinct_repeated${index}`),
      )
      .map(({ name }) => name),
  }
  await writePlan(warehouse, checked)
  return { spec: checked, rowsInModel: count(preflight, 'total') }
}

async function countChanges(
  warehouse: Warehouse,
  { spec: checked, rowsInModel }: Written,
  batchSize: number,
): Promise<Diff> {
  const { state, onlyRows } = checked
  const known =
    state === undefined
      ? []
      : await warehouse.query(
          sql`select count(*) as total, sum(case when status = 'parked' then 1 else 0 end) as parked,
  sum(case when status = 'unknown' then 1 else 0 end) as unknown_rows
from ${raw(tableName(warehouse.dialect, state))} where status <> 'left'`,
        )
  const mayStay = count(known[0], 'parked')
  return {
    rowsInModel,
    knownRows: count(known[0], 'total'),
    ...(mayStay === 0 ? { parked: 0, parkedRemovals: 0 } : await countParked(warehouse, checked)),
    unknown: onlyRows === undefined ? count(known[0], 'unknown_rows') : 0,
    ...(await countOperations(warehouse, checked)),
    ...(await countDropped(warehouse, checked)),
    ...(await countBackwards(
      warehouse,
      checked,
      warehouse.dialect.capabilities.windowRows,
      batchSize,
    )),
    policyRows: await countPolicyRows(warehouse, checked),
    ...(onlyRows === undefined ? {} : { asked: await readAskedRows(warehouse, checked) }),
  }
}

async function writePlan(warehouse: Warehouse, spec: DiffSpec): Promise<void> {
  const { dialect } = warehouse
  const { plan } = spec
  if (plan === undefined) return
  let seqOffset = 0
  for (const slice of await slicesOf(warehouse, spec)) {
    const part = slice === undefined ? {} : { slice: { ...slice, seqOffset } }
    seqOffset += await warehouse.execute(diffStatement(dialect, { ...spec, plan, ...part }))
  }
  const statistics = dialect.refreshStatistics(plan)
  if (statistics !== undefined) await warehouse.execute(statistics)
  if (!removes(spec)) return
  if (spec.list === undefined) await keepRecords(warehouse, { ...spec, plan })
  else await keepTheirMembers(warehouse, { ...spec, plan }, spec.list)
}

async function keepTheirMembers(
  warehouse: Warehouse,
  { plan, state, runId }: StoredDiffSpec,
  { isExact, isMadeHere = false }: DiffList,
): Promise<void> {
  if (state === undefined) return
  const [found] = await warehouse.query(countMemberRemovals(warehouse.dialect, { plan, runId }))
  if (count(found, 'total') === 0) return
  const tables = { plan, state, runId, isExact, isListMadeHere: isMadeHere }
  for (const statement of keepMembers(warehouse.dialect, tables)) await warehouse.execute(statement)
}

async function keepRecords(warehouse: Warehouse, spec: StoredDiffSpec): Promise<void> {
  const [found] = await warehouse.query(countRemovals(warehouse.dialect, spec))
  if (count(found, 'total') === 0) return
  for (const statement of keepStatements(warehouse.dialect, spec))
    await warehouse.execute(statement)
}

/** How the change set is cut up; one undefined slice is all of it. */
async function slicesOf(
  warehouse: Warehouse,
  spec: DiffSpec,
): Promise<readonly (Omit<KeySlice, 'seqOffset'> | undefined)[]> {
  const { sliceRows } = warehouse.dialect.capabilities
  if (sliceRows === undefined || spec.limit !== undefined || spec.onlyRows !== undefined) {
    return [undefined]
  }
  const rows = await warehouse.query(sliceStatement(warehouse.dialect, spec, sliceRows))
  const ends = [...new Set(rows.map((row) => String(row['up_to'])))].slice(0, -1)
  if (ends.length === 0) return [undefined]
  const middle = ends.slice(1).map((upTo, index) => ({ after: ends[index] ?? '', upTo }))
  return [{ upTo: ends[0] ?? '' }, ...middle, { after: ends.at(-1) ?? '' }]
}

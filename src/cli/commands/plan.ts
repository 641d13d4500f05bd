import {
  formatProblem,
  Interrupted,
  type Problem,
  UserError,
  WarehouseError,
} from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import {
  changesStatement,
  type PlannedChange,
  toPlannedChange,
} from '../../plan/planned-changes.ts'
import { writePermission } from '../../project/write-permission.ts'
import { readIdentities } from '../../record/identity.ts'
import {
  createSchema,
  dropSchema,
  hasSchema,
  type Ledger,
  planOf,
  resolutionsOf,
} from '../../record/ledger.ts'
import { planTable, resolutionsTable, tableDdl } from '../../record/tables.ts'
import { retried } from '../../run/asking.ts'
import type { PreparedSync } from '../../run/context.ts'
import { checkIdentity } from '../../run/identity-check.ts'
import { estimateRun, type PlanContext, type PlanTables, planSync } from '../../run/plan-sync.ts'
import { checkSync, schemaReader } from '../../run/prepare.ts'
import { blameWhere } from '../../run/where-check.ts'
import type { Account, Sync } from '../../types.ts'
import { type TableRef, tableName } from '../../warehouse/dialect.ts'
import { raw } from '../../warehouse/sql.ts'
import { secondsFor } from '../expected-time.ts'
import { describeFailure } from '../failure.ts'
import { buildCommand, gateMode, gateSyncs } from '../gate-syncs.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import { paintFor } from '../paint.ts'
import { warnOfParked } from '../parked.ts'
import { renderChange, renderLegend, renderPlan } from '../render-plan.ts'
import { readRunOptions, readRunSettings } from '../run-options.ts'
import {
  connectHubspot,
  connectWarehouse,
  ledgerOf,
  loadSyncs,
  openSession,
  type Session,
  sleep,
  stopOnGeneralProblems,
} from '../session.ts'
import { uuidv7 } from '../uuid.ts'
import { numberOf } from '../words.ts'

/** Changes printed per sync unless `--all`. */
const shownChanges = 10

/** Shows what a run would do. Writes nothing to HubSpot and leaves nothing in the warehouse. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  try {
    return await planSelected(args, io)
  } catch (error) {
    const { exitCode: _, ...failure } = describeFailure(error, io)
    if (args['output'] === 'json') io.stdout(`${JSON.stringify({ kind: 'error', ...failure })}\n`)
    throw error
  }
}

async function planSelected(args: Arguments, io: Io): Promise<number> {
  const options = readRunOptions(args)
  const session = openSession(args, io)
  const { log } = session
  const loaded = await loadSyncs(session, args)
  stopOnGeneralProblems(loaded.problems)
  const gated = await gateSyncs(session, loaded.manifest, loaded.selected, gateMode(args['gate']))
  for (const held of gated.held) log.warn(`A run would hold ${held.sync.name}: ${held.why}`)
  const build = buildCommand(session.project, gated.held)
  if (build !== undefined) log.warn(`To build what is held: ${build}`)
  const problems: Problem[] = [...loaded.problems]
  const plans: Plan[] = []
  const isJson = args['output'] === 'json'
  const operations = new Set<PlannedChange['operation']>()
  if (gated.open.length > 0) {
    const { destination } = await connectHubspot(session)
    const asking = { ...session, destination, clock: io.clock, random: io.random, sleep }
    const account = await retried(asking, () => destination.account(session.drain))
    warnOfRefusal(session, account)
    const warehouse = await connectWarehouse(session)
    try {
      const ledger = ledgerOf(session, warehouse)
      const context: PlanContext = {
        ledger,
        destination,
        options,
        settings: readRunSettings(session),
      }
      const readSchema = schemaReader(asking)
      const pinned = await readIdentities(ledger)
      for (const sync of gated.open) {
        if (session.drain.aborted) throw new Interrupted()
        try {
          const schema = await readSchema(sync)
          const { bound } = await checkSync(context, sync, schema)
          const verdict = checkIdentity({
            sync,
            schema,
            account,
            pinned,
            definedNames: loaded.definedNames,
          })
          if (verdict.kind === 'refused') throw new UserError(verdict.problem)
          const runId = uuidv7(io.clock(), io.random)
          const known = verdict.kind === 'renamed' ? { ...sync, name: verdict.from } : sync
          const prepared = {
            sync: known,
            schema,
            bound,
            runId,
            isFirstRun: verdict.kind === 'first',
          }
          const time = (plan: Plan) =>
            secondsFor(plan.calls, destination, context.settings.concurrency)
          const show = isJson ? jsonPrinter(io, time) : textPrinter(io, sync, time, operations)
          const plan = await planOne(context, prepared, args['all'] === true, show)
          plans.push(plan)
          warnOfParked(log, session.paint, ledger, known.name, plan.rows.parked)
        } catch (error) {
          if (!(error instanceof UserError)) throw error
          problems.push(...error.problems)
        }
      }
    } finally {
      await warehouse.close()
    }
  }
  if (!isJson) io.stdout(renderLegend(operations, paintFor(io.usesColours)))
  for (const problem of problems) {
    if (isJson) io.stdout(`${JSON.stringify({ kind: 'problem', ...problem })}\n`)
    log.error(formatProblem(problem))
  }
  if (session.drain.aborted) return 2
  const isGuarded = plans.some((plan) => plan.guards.length > 0)
  const isHeld = gated.held.some((held) => held.exitCode === 1)
  return problems.length > 0 || isGuarded || isHeld ? 1 : 0
}

/** Any target may plan; that a run would be refused is worth knowing before. */
function warnOfRefusal({ project, log }: Session, account: Account): void {
  const { settings, targetName } = project
  const permission = writePermission(targetName, settings, settings.baseUrl, account)
  if (!permission.allowed) log.warn(`A run would be refused: ${permission.why}`)
}

interface Printer {
  plan(plan: Plan, changes: readonly PlannedChange[]): void
  more(changes: readonly PlannedChange[]): void
  end(plan: Plan, shown: number, all: number): void
}

/** Plans into a scratch table, prints it, and drops it; where none may be made, prints the counts. */
async function planOne(
  context: PlanContext,
  prepared: PreparedSync,
  isAll: boolean,
  print: Printer,
): Promise<Plan> {
  const scratch = await makeScratch(context.ledger, prepared)
  if (scratch === undefined) {
    const plan = await computePlan(context, prepared, undefined)
    print.plan(plan, [])
    print.end(plan, 0, 0)
    return plan
  }
  try {
    const plan = await computePlan(context, prepared, scratch.tables)
    const { refresh, ...counted } = plan.operations
    const all = Object.values(counted).reduce((sum, rows) => sum + rows, plan.rows.onlyDropped)
    let shown = 0
    for await (const changes of changesOf(context, scratch.tables.plan, plan.runId, isAll)) {
      if (shown === 0) print.plan(plan, changes)
      else print.more(changes)
      shown += changes.length
    }
    if (shown === 0) print.plan(plan, [])
    print.end(plan, shown, all)
    return plan
  } finally {
    await scratch.drop()
  }
}

async function computePlan(
  context: PlanContext,
  prepared: PreparedSync,
  scratch: PlanTables | undefined,
): Promise<Plan> {
  const { warehouse } = context.ledger
  const plan = await warehouse
    .withSnapshot(() => planSync(context, prepared, scratch))
    .catch(async (error: unknown) => {
      throw await blameWhere(warehouse, prepared.sync, error)
    })
  const bytesBilled = await estimateRun(context, prepared, scratch)
  return bytesBilled === undefined ? plan : { ...plan, bytesBilled }
}

/** @returns undefined when the session lacks the right to create one */
async function makeScratch(
  ledger: Ledger,
  { sync, bound }: PreparedSync,
): Promise<{ readonly tables: PlanTables; readonly drop: () => Promise<void> } | undefined> {
  const { warehouse } = ledger
  const { dialect } = warehouse
  const { table: plan, form } = dialect.scratchTable(planOf(ledger, sync.name))
  const rendered = dialect.scratchTable(resolutionsOf(ledger, sync.name))
  const made: TableRef[] = []
  let isFirst = false
  const dropAll = async () => {
    for (const table of made) {
      await warehouse.execute(raw(`drop table ${tableName(dialect, table)}`))
    }
    if (isFirst) await warehouse.execute(dropSchema(ledger))
  }
  try {
    isFirst = await makeSchemaFor(ledger, plan)
    await warehouse.execute(tableDdl(dialect, form, plan, planTable))
    made.push(plan)
    if (bound.templates !== undefined) {
      await warehouse.execute(tableDdl(dialect, rendered.form, rendered.table, resolutionsTable))
      made.push(rendered.table)
    }
  } catch (error) {
    await dropAll()
    if (error instanceof WarehouseError && error.isMissingRight) return undefined
    throw error
  }
  return { tables: { plan, rendered: rendered.table }, drop: dropAll }
}

/**
 * Where engines have no tables of a session, a scratch table is in the schema of our own tables, which a plan may be the first
 * to need.
 *
 * @returns true when the schema was made
 */
async function makeSchemaFor(ledger: Ledger, scratch: TableRef): Promise<boolean> {
  if (scratch.schema !== ledger.location.schema || (await hasSchema(ledger))) return false
  await ledger.warehouse.execute(createSchema(ledger))
  return true
}

async function* changesOf(
  context: PlanContext,
  table: TableRef,
  runId: string,
  isAll: boolean,
): AsyncIterable<readonly PlannedChange[]> {
  const statement = changesStatement(
    context.ledger.warehouse,
    { plan: table, runId, hidesValues: context.settings.auditValues !== 'full' },
    isAll ? undefined : shownChanges,
  )
  for await (const rows of context.ledger.warehouse.stream(statement))
    yield rows.map(toPlannedChange)
}

/** @param operations collects those of the changes shown, for the legend */
function textPrinter(
  io: Io,
  sync: Sync,
  time: (plan: Plan) => number,
  operations: Set<PlannedChange['operation']>,
): Printer {
  const paint = paintFor(io.usesColours)
  const note = (changes: readonly PlannedChange[]) => {
    for (const { operation } of changes) operations.add(operation)
  }
  return {
    plan(plan, changes) {
      note(changes)
      io.stdout(`${renderPlan(plan, sync, changes, paint, time(plan))}\n`)
    },
    more(changes) {
      note(changes)
      io.stdout(changes.map((change) => `${renderChange(change, paint)}\n`).join(''))
    },
    end: (_, shown, all) =>
      io.stdout(
        all > shown ? `    … ${numberOf(all - shown)} more; --all shows every one\n\n` : '\n',
      ),
  }
}

/** One JSON document per line: the plan, then each of its changes. */
function jsonPrinter(io: Io, time: (plan: Plan) => number): Printer {
  const changes = (all: readonly PlannedChange[], plan: Plan | undefined) => {
    for (const change of all)
      io.stdout(`${JSON.stringify({ kind: 'change', sync: plan?.sync, ...change })}\n`)
  }
  let current: Plan | undefined
  return {
    plan(plan, first) {
      current = plan
      io.stdout(`${JSON.stringify({ kind: 'plan', ...plan, expectedSeconds: time(plan) })}\n`)
      changes(first, plan)
    },
    more: (next) => changes(next, current),
    end() {},
  }
}

import { join } from 'node:path'
import { UserError, WarehouseError } from '../../errors.ts'
import { asRowId } from '../../plan/asked-rows.ts'
import { findModelRows, keyedModel } from '../../plan/model-rows.ts'
import {
  countTraces,
  type Erased,
  erase,
  findRowsByMatch,
  findUnknown,
  type Person,
  readTraces,
  type Traces,
} from '../../record/forget.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import { hasTable, type Ledger, linksOf, stateOf } from '../../record/ledger.ts'
import { eraseFromSpools } from '../../record/spool.ts'
import type { Sync } from '../../types.ts'
import { eraseFromResults } from '../erase-from-results.ts'
import type { Io } from '../io.ts'
import type { Arguments } from '../option.ts'
import { asksForJson } from '../options.ts'
import { printable, renderTable } from '../render-table.ts'
import {
  connectWarehouse,
  type LoadedSyncs,
  ledgerOf,
  loadSyncs,
  openSession,
  outputFolder,
  type Session,
} from '../session.ts'
import { keyWord } from '../shell-word.ts'
import { stateName, syncNamed, underLease } from '../state-access.ts'
import { countOf, numberOf } from '../words.ts'

/** A sync that may hold the person; of one that is gone from the project the identity is all there is. */
interface Place {
  readonly name: string
  readonly stateName: string
  readonly syncNames: readonly string[]
  readonly keyColumns: number
  readonly portalId: string
  readonly firstRunId: string | undefined
  readonly sync: Sync | undefined
}

/** What was found, and erased, of one person in one sync. */
interface Forgotten {
  readonly sync: string
  readonly rows: readonly string[]
  readonly recordIds: readonly string[]
  readonly erased: readonly Erased[]
  /** Rows of which nobody knows whether HubSpot has them. */
  readonly unknown: readonly string[]
  /** Rows that the model still has: the next run sends them again. Null: it could not be looked at. */
  readonly inModel: readonly string[] | null
  /** The model may still have rows that `start: now` takes as known: their keys are kept, so that they are never sent. */
  readonly keepsKnown: boolean
  readonly model: string | null
}

/** Erases one person from everything that Backhaul keeps. HubSpot and dbt's tables are not touched. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  checkUsage(args)
  const session = openSession(args, io)
  const loaded = await loadSyncs(session)
  const isDry = args['dry-run'] === true
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const pinned = await readIdentities(ledger)
    const found: Found[] = []
    for (const place of placesOf(args, loaded, pinned)) {
      if (!(await hasTable(ledger, stateOf(ledger, place.stateName)))) continue
      const one = await findIn(ledger, place, args)
      if (one !== undefined) found.push(one)
    }
    if (!isDry) refuseUnknown(found)
    const forgotten: Forgotten[] = []
    for (const each of found) {
      const one = await forgetIn(session, ledger, each, isDry)
      if (isAnything(one)) forgotten.push(one)
    }
    const stays = warehouse.dialect.capabilities.deletedRows
    if (asksForJson(args)) {
      const document = { kind: 'forgotten', version: 1, isDryRun: isDry, syncs: forgotten, stays }
      io.stdout(`${JSON.stringify(document)}\n`)
    } else io.stdout(render(forgotten, isDry, stays, args['KEY']))
    return 0
  } finally {
    await warehouse.close()
  }
}

function checkUsage(args: Arguments): void {
  const hasKey = args['KEY'] !== undefined
  const hasMatch = args['match'] !== undefined
  if (hasKey !== hasMatch) return
  throw new UserError(
    {
      message: hasKey
        ? 'KEY and --match exclude each other'
        : 'Who is to be forgotten? A key or a match value is needed',
      hint: 'backhaul forget SYNC KEY, or of every sync: backhaul forget --match VALUE',
    },
    { exitCode: 2 },
  )
}

function placesOf(
  args: Arguments,
  loaded: LoadedSyncs,
  pinned: readonly Identity[],
): readonly Place[] {
  const ofSync = (sync: Sync): Place => {
    const name = stateName(sync, pinned)
    const { previousName = name } = sync
    const identity = pinned.find(({ syncName }) => syncName === name)
    return {
      name: sync.name,
      stateName: name,
      syncNames: [...new Set([sync.name, name, previousName])],
      keyColumns: sync.primaryKey.length,
      portalId: identity?.portalId ?? '',
      firstRunId: identity?.firstRunId,
      sync,
    }
  }
  const ofOrphan = ({ syncName, primaryKey, portalId, firstRunId }: Identity): Place => ({
    name: syncName,
    stateName: syncName,
    syncNames: [syncName],
    keyColumns: primaryKey.length,
    portalId,
    firstRunId,
    sync: undefined,
  })
  const defined = loaded.all.map(ofSync)
  const known = new Set(defined.flatMap(({ syncNames }) => syncNames))
  const orphans = pinned.filter(({ syncName }) => !known.has(syncName)).map(ofOrphan)
  const asked = args['SYNC']
  if (asked === undefined) return [...defined, ...orphans]
  const orphan = orphans.find(({ name }) => name === asked)
  return [orphan ?? ofSync(syncNamed(loaded, String(asked)))]
}

/** The rows of one sync that are the person. */
interface Found extends Pick<Forgotten, 'unknown' | 'inModel' | 'keepsKnown'> {
  readonly place: Place
  readonly rowIds: readonly string[]
  /** Those that were asked for. */
  readonly matchValues: readonly string[]
}

/** @returns undefined where the sync has no such row */
async function findIn(ledger: Ledger, place: Place, args: Arguments): Promise<Found | undefined> {
  const model = await modelOf(ledger, place.sync)
  const look = async (rowIds: readonly string[], matchValues: readonly string[]) => {
    if (model === undefined) return undefined
    try {
      return await findModelRows(ledger.warehouse, model, { rowIds, matchValues })
    } catch (error) {
      // A relation that cannot be read keeps nobody from being forgotten.
      if (error instanceof WarehouseError) return undefined
      throw error
    }
  }
  const matchValues = args['match'] === undefined ? [] : spellings(String(args['match']))
  const byMatch =
    matchValues.length === 0
      ? []
      : [
          ...(await findRowsByMatch(ledger, place.stateName, matchValues)),
          ...((await look([], matchValues)) ?? []),
        ]
  const rowIds =
    args['KEY'] === undefined
      ? [...new Set(byMatch)]
      : [asRowId(String(args['KEY']), place.keyColumns)]
  if (rowIds.length === 0) return undefined
  const inModel = (await look(rowIds, [])) ?? null
  const { stateName, firstRunId, sync } = place
  const keepsKnown =
    sync?.start?.kind === 'now' && firstRunId !== undefined && inModel?.length !== 0
  const unknown = await findUnknown(ledger, { stateName, rowIds })
  return { place, rowIds, matchValues, inModel, keepsKnown, unknown }
}

const settling = (sync: string, row: string) => `backhaul resolve ${sync} ${keyWord(row)}`

/** Of a sync that is gone from the project nothing is sent any more, and nothing can be settled. */
const isToSettle = ({ sync }: Place): boolean => sync !== undefined

/** Without its row in the state, a run would send what HubSpot may have, and nobody would know of the first record. */
function refuseUnknown(found: readonly Found[]): void {
  const problems = found.flatMap(({ place, unknown }) =>
    (isToSettle(place) ? unknown : []).map((row) => ({
      message: `Nobody knows whether HubSpot has row ${row}: it may have a record of this person`,
      hint: `Nothing was erased. Look in HubSpot, and tell: ${settling(place.name, row)} --record ID where it has one, --resend where it has none. Then forget the row.`,
      sync: place.name,
    })),
  )
  if (problems.length > 0) throw new UserError(problems)
}

async function forgetIn(
  session: Session,
  ledger: Ledger,
  found: Found,
  isDry: boolean,
): Promise<Forgotten> {
  const { place, rowIds, inModel, keepsKnown, matchValues } = found
  const { stateName, syncNames, firstRunId } = place
  const knownSince = keepsKnown && firstRunId !== undefined ? { knownSince: firstRunId } : {}
  const hasLinks = await hasTable(ledger, linksOf(ledger, stateName))
  const person = { stateName, syncNames, rowIds, hasLinks, ...knownSince }
  const work = async () => {
    const unknown = await findUnknown(ledger, person)
    if (!isDry) refuseUnknown([{ ...found, unknown }])
    const known = await readTraces(ledger, person)
    const traces = { ...known, matchValues: [...new Set([...known.matchValues, ...matchValues])] }
    const erased = [
      ...(await countTraces(ledger, person, traces)),
      ...eraseFiles(session, person, traces, isDry),
    ]
    if (!isDry) await erase(ledger, person, traces)
    return { erased, recordIds: traces.recordIds, unknown }
  }
  const lease = [{ syncName: place.stateName, portalId: place.portalId }]
  const done = isDry ? await work() : await underLease(session, ledger, lease, work)
  return {
    sync: place.name,
    rows: rowIds,
    ...done,
    inModel,
    keepsKnown,
    model: place.sync?.model.name ?? null,
  }
}

/** A key that nobody has met is nobody's: unless the model has it, there is nothing to say of it. */
const isAnything = ({ erased, recordIds, inModel }: Forgotten): boolean =>
  erased.some(({ rows }) => rows > 0) || recordIds.length > 0 || (inModel ?? []).length > 0

/** As it was given, and as e-mail addresses are kept. */
const spellings = (value: string): readonly string[] => [
  ...new Set([value, value.trim().toLowerCase()]),
]

async function modelOf(ledger: Ledger, sync: Sync | undefined) {
  const relation = sync?.model.relationName
  if (sync === undefined || relation === undefined) return undefined
  const columns = await ledger.warehouse.columns(relation)
  return columns === undefined ? undefined : keyedModel(sync, columns)
}

/** Our own files below dbt's target folder, on this machine. */
function eraseFiles(
  session: Session,
  { rowIds }: Person,
  { recordIds, matchValues, plans }: Traces,
  isDry: boolean,
): readonly Erased[] {
  const folder = outputFolder(session.project)
  const records = new Set(recordIds)
  const isMeant = (runId: string, result: { sequence: number; recordId?: string }) =>
    plans.some((plan) => plan.runId === runId && plan.sequence === result.sequence) ||
    (result.recordId !== undefined && records.has(result.recordId))
  return [
    {
      place: 'target/backhaul/spool',
      what: 'lines taken out, on this machine',
      rows: eraseFromSpools(join(folder, 'spool'), isMeant, isDry),
    },
    {
      place: 'target/backhaul/run_results.json',
      what: 'keys and match values replaced, on this machine',
      rows: eraseFromResults(folder, { rowIds, matchValues }, isDry),
    },
  ]
}

function render(
  forgotten: readonly Forgotten[],
  isDry: boolean,
  deletedRows: string,
  key: unknown,
): string {
  if (forgotten.length === 0) {
    return `Nothing is kept of ${key === undefined ? 'such a row' : `row ${printable(String(key))}`}.\n`
  }
  return [
    ...forgotten.flatMap((one) => [
      one.erased.every(({ rows }) => rows === 0)
        ? `Nothing is kept of ${describe(one)}:`
        : `${isDry ? 'Would forget' : 'Forgot'} ${describe(one)}:`,
      ...renderTable(
        one.erased.map(({ place, rows, what }) => ({ place, found: numberOf(rows), what })),
        70,
      ),
      '',
    ]),
    'What stays:',
    ...forgotten.flatMap(renderRest),
    `  Warehouse: ${deletedRows}`,
    '  Logs and artifacts of other machines, and copies of these tables, are yours to look through.',
    '',
  ].join('\n')
}

const describe = ({ sync, rows }: Forgotten): string =>
  `${countOf(rows.length, 'row')} of ${sync} (${rows.map(printable).join(', ')})`

function renderRest(forgotten: Forgotten): readonly string[] {
  const { sync, recordIds, unknown, inModel, keepsKnown, model } = forgotten
  const records = [
    ...(recordIds.length === 0
      ? []
      : [
          `  HubSpot: ${recordIds.length === 1 ? 'record' : 'records'} ${recordIds.join(', ')} of ${sync}. Delete there what has to go.`,
        ]),
    ...unknown.map(
      (row) =>
        `  HubSpot: nobody knows whether it has a record of row ${printable(row)} of ${sync}. Look there.${model === null ? '' : ` The row is erased once that is settled: ${settling(sync, row)}`}`,
    ),
  ]
  if (model === null) return records
  if (inModel === null) return [...records, `  dbt: ${model} could not be looked at.`]
  if (keepsKnown) {
    return [
      ...records,
      `  dbt: ${model} still has ${countOf(inModel.length, 'such row')}. The key stays here where \`start: now\` keeps the row out of HubSpot. Delete at the source, build, and forget it once more.`,
    ]
  }
  return [
    ...records,
    inModel.length === 0
      ? `  dbt: ${model} has no such row any more; its sources and snapshots are not looked at.`
      : `  dbt: ${model} still has ${countOf(inModel.length, 'such row')}. The next run sends ${inModel.length === 1 ? 'it' : 'them'} again: delete at the source, and build.`,
  ]
}

import { printable, UserError } from '../../errors.ts'
import { asRowId, hasKeyForm } from '../../plan/asked-rows.ts'
import { countTraces, type Erased, erase, linksOfOthers } from '../../record/forget/forget.ts'
import { readAudited } from '../../record/forget/forget-audit.ts'
import { readEntries } from '../../record/forget/forget-links.ts'
import { minValueLength, type Person, type Traces } from '../../record/forget/forget-person.ts'
import { findUnknown, readPlanPlaces } from '../../record/forget/forget-rows.ts'
import { type Identity, readIdentities } from '../../record/identity.ts'
import { hasTable, type Ledger, linksOf, sharedTable, stateOf } from '../../record/ledger.ts'
import { ensureSchema } from '../../record/schema/ensure-tables.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { type LoadedSyncs, loadSyncs } from '../load-syncs.ts'
import { asksForJson } from '../options.ts'
import { openSession, type Session } from '../session.ts'
import { eraseFiles, removePlan, removeReports } from '../state/forget-files.ts'
import { entriesOf, findPerson, namesOf, recordsIn, storedOf } from '../state/person.ts'
import { auditedPlaces, type Place, placesOf } from '../state/places.ts'
import { type Forgotten, renderForgotten, settling } from '../state/render-forgotten.ts'
import { syncNamed, underLease } from '../state/state-access.ts'

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
    // The tables of an earlier release lack columns until the first run.
    if (pinned.length > 0 || (await hasTable(ledger, sharedTable(ledger, 'changes'))))
      await ensureSchema(ledger)
    const found = await findEverywhere(ledger, args, loaded, pinned)
    const touched: Found[] = []
    for (const each of found) {
      const { erased } = await lookAt(session, ledger, each, found, true)
      if (isAnything(each, erased)) touched.push(each)
    }
    if (touched.length === 0) checkKeyForm(args['KEY'], found)
    const forgotten = isDry
      ? await forgetIn(session, ledger, touched, true)
      : await underLeases(session, ledger, touched, () => forgetIn(session, ledger, touched, false))
    const stays = warehouse.dialect.capabilities.deletedRows
    if (asksForJson(args)) {
      const document = { kind: 'forgotten', version: 1, isDryRun: isDry, syncs: forgotten, stays }
      io.stdout(`${JSON.stringify(document)}\n`)
    } else io.stdout(renderForgotten(forgotten, isDry, stays, args['KEY'], session.say))
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

/** That nothing is kept of a key which no row can have is not to be taken for an answer. */
function checkKeyForm(key: unknown, [asked]: readonly Found[]): void {
  if (key === undefined || asked === undefined) return
  const { name, keyColumns, sync } = asked.place
  if (hasKeyForm(String(key), keyColumns)) return
  const columns = sync?.primaryKey.join(', ') ?? String(keyColumns)
  throw new UserError(
    {
      message: `The primary key of ${name} has several columns (${columns}), and ${printable(String(key))} is not a JSON list with a value for each`,
      hint: `Nothing was looked for. Write it so: backhaul forget ${name} '["de", 4711]'`,
      sync: name,
    },
    { exitCode: 2 },
  )
}

/** What of a person is to be looked for in one sync. */
interface Found {
  readonly place: Place
  readonly person: Person
  readonly inModel: readonly string[] | null
  readonly keepsKnown: boolean
  /** By what texts name the person. */
  readonly names: Pick<Traces, 'recordIds' | 'matchValues'>
  /** The row was asked for, and nothing else is: it is of a list, or of events. */
  readonly isAlone: boolean
}

/** The person in every sync that has a state, the one that was asked for first. */
async function findEverywhere(
  ledger: Ledger,
  args: Arguments,
  loaded: LoadedSyncs,
  pinned: readonly Identity[],
): Promise<readonly Found[]> {
  const defined = placesOf(loaded, pinned)
  const places: Place[] = []
  for (const place of defined)
    if (await hasTable(ledger, stateOf(ledger, place.stateName))) places.push(place)
  const audited = auditedPlaces(await readAudited(ledger), places)
  places.push(...audited)
  const all = [...audited, ...defined]
  const key = args['KEY']
  const askedPlace = key === undefined ? undefined : placeNamed(String(args['SYNC']), all, loaded)
  const asked = new Map<Place, readonly string[]>()
  if (askedPlace !== undefined && places.includes(askedPlace))
    asked.set(askedPlace, keysOf(String(key), askedPlace))
  const matchValues = args['match'] === undefined ? [] : spellings(String(args['match']))
  const { known, rows } = await findPerson(ledger, places, asked, matchValues)
  const isAlone = askedPlace !== undefined && askedPlace.type !== 'object'
  const elsewhere = places.flatMap((place) =>
    place.syncNames.map((syncName) => ({ syncName, rowIds: rows.get(place)?.rowIds ?? [] })),
  )
  const names = namesOf(known)
  const inOrder = isAlone
    ? [...asked.keys()]
    : [...asked.keys(), ...places.filter((place) => !asked.has(place))]
  const found: Found[] = []
  for (const place of inOrder) {
    const { rowIds, inModel } = rows.get(place) ?? { rowIds: [], inModel: [] }
    const { firstRunId, sync, syncNames, stateName: name } = place
    const keepsKnown =
      sync?.start?.kind === 'now' &&
      firstRunId !== undefined &&
      rowIds.length > 0 &&
      inModel?.length !== 0
    const hasLinks = await hasTable(ledger, linksOf(ledger, name))
    const entries = hasLinks || place.isOnlyAudited ? await readEntries(ledger, place) : []
    const person = {
      stateName: name,
      syncNames,
      rowIds,
      recordIds: isAlone ? [] : recordsIn(place, known),
      hasLinks,
      ...(place.isOnlyAudited ? { isOnlyAudited: true as const } : {}),
      entries: isAlone ? [] : entriesOf(place, entries, known, places),
      elsewhere: elsewhere.filter((each) => each.rowIds.length > 0),
      ...(keepsKnown && firstRunId !== undefined ? { knownSince: firstRunId } : {}),
    }
    found.push({ place, person, inModel, keepsKnown, names, isAlone })
  }
  return found
}

/** How many columns the key of a sync without a state had is not known. */
const keysOf = (key: string, { keyColumns, isOnlyAudited }: Place): readonly string[] =>
  isOnlyAudited ? [...new Set([key, asRowId(key, 2)])] : [asRowId(key, keyColumns)]

function placeNamed(name: string, places: readonly Place[], loaded: LoadedSyncs): Place {
  const orphan = places.find((place) => place.sync === undefined && place.name === name)
  if (orphan !== undefined) return orphan
  const sync = syncNamed(loaded, name)
  return places.find((place) => place.sync === sync) as Place
}

/** Of a sync that is gone from the project nothing is sent any more, and nothing can be settled. */
const isToSettle = ({ sync }: Place): boolean => sync !== undefined

/** Without its row in the state, a run would send what HubSpot may have, and nobody would know of the first record. */
async function refuseUnknown(
  { say }: Session,
  ledger: Ledger,
  found: readonly Found[],
): Promise<void> {
  const problems = []
  for (const { place, person } of found) {
    for (const row of isToSettle(place) ? await findUnknown(ledger, person) : []) {
      problems.push({
        message: `Nobody knows whether HubSpot has row ${row}: it may have a record of this person`,
        hint: `Nothing was erased. Look in HubSpot, and tell: ${settling(say, place.name, row)} --record ID where it has one, --resend where it has none. Then forget the row.`,
        sync: place.name,
      })
    }
  }
  if (problems.length > 0) throw new UserError(problems)
}

/** Does work while no run of these syncs can. A lease is of a portal. */
function underLeases<T>(
  session: Session,
  ledger: Ledger,
  found: readonly Found[],
  work: () => Promise<T>,
): Promise<T> {
  // Nothing runs without a state.
  const withState = found.filter(({ place }) => place.isOnlyAudited === undefined)
  const portals = [...new Set(withState.map(({ place }) => place.portalId))]
  return portals.reduce(
    (inner, portalId) => () => {
      const own = withState.filter(({ place }) => place.portalId === portalId)
      const syncs = own.map(({ person }) => ({ syncName: person.stateName, portalId }))
      return underLease(session, ledger, syncs, inner)
    },
    work,
  )()
}

/** Erases last where the person was found: what is cut short can be done again. */
async function forgetIn(
  session: Session,
  ledger: Ledger,
  found: readonly Found[],
  isDry: boolean,
): Promise<readonly Forgotten[]> {
  if (!isDry) await refuseUnknown(session, ledger, found)
  const forgotten: Forgotten[] = []
  const pages = found.length === 0 ? [] : removeReports(session, isDry)
  for (const each of found.toReversed()) {
    const { place, person, inModel, keepsKnown, isAlone } = each
    const unknown = place.isOnlyAudited ? [] : await findUnknown(ledger, person)
    const { erased, recordIds, traces } = await lookAt(session, ledger, each, found, isDry)
    if (!isDry) await erase(ledger, person, traces)
    forgotten.unshift({
      sync: place.name,
      rows: person.rowIds,
      recordIds,
      erased: each === found[0] ? [...erased, ...pages] : erased,
      unknown,
      inModel,
      linksOfOthers: erased.find((one) => one.place === linksOfOthers(person.stateName))?.rows ?? 0,
      keepsKnown,
      model: place.sync?.model.name ?? null,
      ...(isAlone ? { isAlone } : {}),
    })
  }
  return forgotten
}

/**
 * Counts what there is of a person in one sync, and takes it out of files unless that is all that is asked. A file that goes as a
 * whole is told of with the first sync.
 */
async function lookAt(
  session: Session,
  ledger: Ledger,
  each: Found,
  all: readonly Found[],
  isDry: boolean,
) {
  const { person, names, place } = each
  const { recordIds } = await storedOf(ledger, place, person.rowIds)
  const traces = {
    recordIds: names.recordIds,
    matchValues: names.matchValues.filter((value) => value.length >= minValueLength),
    plans: await readPlanPlaces(ledger, person),
  }
  const erased = [
    ...(await countTraces(ledger, person, traces)),
    ...eraseFiles(session, person, traces, isDry),
    ...(each === all[0]
      ? [
          removePlan(
            session,
            all.map(({ person: one }) => one),
            traces,
            isDry,
          ),
        ]
      : []),
  ]
  return { erased, recordIds, traces }
}

/** A key that nobody has met is nobody's: unless the model has it, there is nothing to say of it. */
const isAnything = ({ person, inModel }: Found, erased: readonly Erased[]): boolean =>
  erased.some(({ rows }) => rows > 0) || (person.rowIds.length > 0 && (inModel ?? []).length > 0)

/** As it was given, and as e-mail addresses are kept. */
const spellings = (value: string): readonly string[] => [
  ...new Set([value, value.trim().toLowerCase()]),
]

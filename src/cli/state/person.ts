import { WarehouseError } from '../../errors.ts'
import { standardObject } from '../../object-types.ts'
import type { KeyedModel } from '../../plan/diff/model-keys.ts'
import { findModelRows, keyedModel } from '../../plan/diff/model-rows.ts'
import { findAuditedRows, readAuditedRecords } from '../../record/forget/forget-audit.ts'
import type { KnownEntry, PersonEntry } from '../../record/forget/forget-links.ts'
import { minValueLength } from '../../record/forget/forget-person.ts'
import { findRowsOf, type KnownOfRows, readKnownOf } from '../../record/forget/forget-rows.ts'
import type { Ledger } from '../../record/ledger.ts'
import type { Sync } from '../../types.ts'
import type { Place } from './places.ts'

/** A set of texts per name. */
type Sets = Map<string, Set<string>>

/** What is known of a person by now: one place leads to the next. */
export interface KnownPerson {
  /** Rows, by the name of the sync's state. */
  readonly rows: Sets
  /** Record ids, by portal and object type. */
  readonly records: Sets
  /** Values that find records, by object type and property. */
  readonly values: Sets
  /** What was asked for, whichever property has it. */
  readonly asked: readonly string[]
}

const note = (sets: Sets, name: string, texts: readonly string[]): void => {
  if (texts.length > 0) sets.set(name, new Set([...(sets.get(name) ?? []), ...texts]))
}
const noted = (sets: Sets, name: string): readonly string[] => [...(sets.get(name) ?? [])]
const allNoted = (sets: Sets): readonly string[] => [
  ...new Set([...sets.values()].flatMap((texts) => [...texts])),
]

/** Everything by which texts of any place name the person. */
export const namesOf = ({ records, values, asked }: KnownPerson) => ({
  recordIds: allNoted(records),
  matchValues: [...new Set([...allNoted(values), ...asked])],
})

const objectKey = ({ portalId }: Place, objectTypeId: string): string =>
  `${portalId} ${objectTypeId}`
const valueKey = (objectTypeId: string | undefined, property: string): string =>
  `${objectTypeId} ${property}`

/** Rows of one sync that are the person, and those that the model has, if it can be looked at. */
export interface FoundRows {
  readonly rowIds: readonly string[]
  readonly inModel: readonly string[] | null
}

/**
 * Finds one person in every sync: rows with its records or match values, and rows that name a row which is the person.
 *
 * @param places those with a state
 * @param asked rows that were asked for by key: those of a list, or of events, are just those rows
 * @param matchValues that were asked for, as they may be written
 */
export async function findPerson(
  ledger: Ledger,
  places: readonly Place[],
  asked: ReadonlyMap<Place, readonly string[]>,
  matchValues: readonly string[],
): Promise<{ readonly known: KnownPerson; readonly rows: ReadonlyMap<Place, FoundRows> }> {
  const known: KnownPerson = {
    rows: new Map(),
    records: new Map(),
    values: new Map(),
    asked: matchValues,
  }
  const models = new Map<Place, Promise<KeyedModel | undefined>>()
  const modelOf = (place: Place) => {
    const model = models.get(place) ?? keyedModelOf(ledger, place.sync)
    models.set(place, model)
    return model
  }
  const rows = new Map<Place, Set<string>>()
  const learn = async (place: Place, rowIds: readonly string[]) => {
    const own = new Set([...(rows.get(place) ?? []), ...rowIds])
    if (own.size === (rows.get(place)?.size ?? 0)) return
    rows.set(place, own)
    note(known.rows, place.stateName, rowIds)
    const stored = await storedOf(ledger, place, rowIds)
    const inModel = await lookInModel(ledger, await modelOf(place), { rowIds, matchValues: [] })
    const values = [
      ...stored.matchValues,
      ...(inModel ?? []).flatMap(({ matchValue }) => matchValue ?? []),
    ]
    const { objectTypeId, matches } = place
    if (objectTypeId !== undefined) {
      const ids = matches.kind === 'record' ? values : []
      note(known.records, objectKey(place, objectTypeId), [...stored.recordIds, ...ids])
    } else if (place.isOnlyAudited) {
      note(known.records, objectKey(place, 'unknown'), stored.recordIds)
    }
    if (matches.kind === 'property')
      note(known.values, valueKey(objectTypeId, matches.property), values)
  }
  for (const [place, rowIds] of asked) await learn(place, rowIds)
  const [alone] = asked.keys()
  const isAlone = matchValues.length === 0 && alone !== undefined && alone.type !== 'object'
  const sought = new Map<Place, string>()
  for (let isMore = !isAlone; isMore; ) {
    isMore = false
    for (const place of places) {
      const wanted = wantedIn(place, known)
      const asks = JSON.stringify(wanted)
      if (sought.get(place) === asks) continue
      sought.set(place, asks)
      const found = await rowsIn(ledger, place, wanted, await modelOf(place))
      const before = rows.get(place)?.size ?? 0
      if (found.length > 0) await learn(place, found)
      if ((rows.get(place)?.size ?? 0) > before) isMore = true
    }
  }
  const found = new Map<Place, FoundRows>()
  for (const [place, own] of rows) {
    const rowIds = [...own].sort()
    const inModel = await lookInModel(ledger, await modelOf(place), { rowIds, matchValues: [] })
    found.set(place, { rowIds, inModel: inModel?.map(({ rowId }) => rowId) ?? null })
  }
  return { known, rows: found }
}

interface Wanted {
  readonly recordIds: readonly string[]
  readonly matchValues: readonly string[]
}

/** Records that are the person, of the type that a sync's rows are, or are about. */
export function recordsIn(place: Place, known: KnownPerson): readonly string[] {
  const { objectTypeId, sync, type, isOnlyAudited } = place
  if (objectTypeId !== undefined) return noted(known.records, objectKey(place, objectTypeId))
  // Of whatever type: nothing is sent any more.
  return isOnlyAudited || (sync === undefined && type === 'event') ? allNoted(known.records) : []
}

/** By what rows of a sync are the person. */
function wantedIn(place: Place, known: KnownPerson): Wanted {
  const { objectTypeId, matches, sync, type } = place
  const recordIds = recordsIn(place, known)
  const values = (): readonly string[] => {
    switch (matches.kind) {
      case 'row':
        return noted(known.rows, matches.stateName)
      case 'record':
        return recordIds
      case 'property':
        return noted(known.values, valueKey(objectTypeId, matches.property))
      case 'other':
        return place.isOnlyAudited || (sync === undefined && type !== 'object')
          ? allNoted(known.values)
          : []
    }
  }
  return { recordIds, matchValues: [...new Set([...values(), ...known.asked])] }
}

async function rowsIn(
  ledger: Ledger,
  place: Place,
  wanted: Wanted,
  model: KeyedModel | undefined,
): Promise<readonly string[]> {
  if (wanted.matchValues.length + wanted.recordIds.length === 0) return []
  if (place.isOnlyAudited) return findAuditedRows(ledger, place.name, longEnough(wanted))
  const inModel = await lookInModel(ledger, model, { rowIds: [], matchValues: wanted.matchValues })
  return [
    ...(await findRowsOf(ledger, place, wanted)),
    ...(inModel ?? []).map(({ rowId }) => rowId),
  ]
}

/** What is known of rows of a sync. */
export const storedOf = (
  ledger: Ledger,
  { stateName: name, isOnlyAudited }: Place,
  rowIds: readonly string[],
): Promise<KnownOfRows> =>
  isOnlyAudited
    ? readAuditedRecords(ledger, name, rowIds)
    : readKnownOf(ledger, { stateName: name, rowIds })

const longEnough = ({ recordIds, matchValues }: Wanted): Wanted => ({
  recordIds,
  matchValues: matchValues.filter((value) => value.length >= minValueLength),
})

async function keyedModelOf(
  ledger: Ledger,
  sync: Sync | undefined,
): Promise<KeyedModel | undefined> {
  const relation = sync?.model.relationName
  if (sync === undefined || relation === undefined) return undefined
  const columns = await ledger.warehouse.columns(relation)
  return columns === undefined ? undefined : keyedModel(sync, columns)
}

/** @returns undefined where it cannot be looked at: a relation that cannot be read keeps nobody from being forgotten */
async function lookInModel(
  ledger: Ledger,
  model: KeyedModel | undefined,
  wanted: { readonly rowIds: readonly string[]; readonly matchValues: readonly string[] },
) {
  if (model === undefined) return undefined
  try {
    return await findModelRows(ledger.warehouse, model, wanted)
  } catch (error) {
    if (error instanceof WarehouseError) return undefined
    throw error
  }
}

/** By what links of a sync's rows lead to the person. */
export function entriesOf(
  place: Place,
  entries: readonly KnownEntry[],
  known: KnownPerson,
  places: readonly Place[],
): readonly PersonEntry[] {
  return entries.flatMap(({ association, targetObject }): readonly PersonEntry[] => {
    const slash = association.indexOf('/')
    const way = association.slice(slash + 1)
    const colon = way.indexOf(':')
    const [kind, columns] = [way.slice(0, colon), way.slice(colon + 1)]
    const object = targetObject ?? standardObject(association.slice(0, slash))?.objectTypeId
    if (object === undefined) return []
    const targetRecordIds = noted(known.records, objectKey(place, object))
    const ofSyncs = () =>
      leadTo(place, columns, object, places).flatMap((name) => noted(known.rows, name))
    const targetKeys =
      kind === 'sync'
        ? ofSyncs()
        : kind === 'id'
          ? targetRecordIds
          : [...noted(known.values, valueKey(object, kind)), ...known.asked]
    const areValues = kind !== 'sync' && kind !== 'id'
    return targetKeys.length + targetRecordIds.length === 0
      ? []
      : [{ association, targetKeys: [...new Set(targetKeys)], areValues, targetRecordIds }]
  })
}

/** Syncs whose rows links of an entry lead to: the one that the project says; of an entry that is gone any of the object. */
function leadTo(
  { sync, portalId }: Place,
  columns: string,
  object: string,
  places: readonly Place[],
): readonly string[] {
  const ofObject = places.filter(
    (place) =>
      place.type === 'object' && place.objectTypeId === object && place.portalId === portalId,
  )
  const said = (sync?.associations ?? []).flatMap(({ target }) =>
    target.kind === 'sync' && target.key.join(',').toLowerCase() === columns.toLowerCase()
      ? ofObject.filter(({ name }) => name === target.sync)
      : [],
  )
  return (said.length > 0 ? said : ofObject).map((place) => place.stateName)
}

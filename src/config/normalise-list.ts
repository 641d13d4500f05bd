import { isContacts, standardObject } from '../object-types.ts'
import type { ListSource, RecordTarget } from '../types.ts'
import type { Finding } from './check.ts'
import type { ListSync } from './list-schema.ts'
import { type Normalised, normalise } from './normalise.ts'
import { contactTarget } from './normalise-event.ts'
import type { ObjectSync } from './object-schema.ts'
import type { LocatedFinding, Parsed } from './parsed-sync.ts'

/** A parsed sync of the members of a list. */
export type ParsedList = Omit<Parsed, 'input'> & { readonly input: ListSync }

/** Fills in defaults and applies the rules that concern one sync of a list alone. */
export function normaliseList(parsed: ParsedList): Normalised {
  const { input, originOf, model } = parsed
  const base = normalise({
    ...parsed,
    columns: [],
    input: asInsert(input),
    mayMapNothing: true,
  })
  const findings = [...base.findings, ...rules(parsed)]
  const about = targetOf(input)
  if ('finding' in about) findings.push(about.finding)
  const { list: given } = input
  const list: ListSource = {
    target:
      typeof given === 'object'
        ? { kind: 'id', listId: String(given.id) }
        : { kind: 'name', name: (given ?? model.name).trim() },
    about: 'finding' in about ? { kind: 'email', column: '' } : about,
    aboutKey: input.record === undefined ? 'contact' : 'record',
    adopts: input.adopt,
    isExact: input.exact,
    origins: {
      list: originOf(['list']),
      about: originOf([input.record === undefined ? 'contact' : 'record']),
    },
  }
  return {
    findings,
    sync: {
      ...base.sync,
      type: 'list',
      object: objectOf(input),
      mode: input.mode,
      list,
      // In mode `mirror` a row that leaves takes its member with it.
      onDelete: input.mode === 'mirror' ? 'delete' : 'nothing',
      deletesAdopted: input.exact,
    },
  }
}

/** What a sync of a list has in common with one that makes records. */
const asInsert = (input: ListSync): ObjectSync => ({
  ...input,
  type: 'object',
  object: objectOf(input),
  mode: 'insert',
  match: undefined,
  properties: {},
  associations: [],
  on_delete: 'nothing',
  delete_adopted: false,
  shared: false,
  start: 'all',
  tracking_property: undefined,
})

const objectOf = ({ object, record }: ListSync): string => object ?? record?.object ?? 'contacts'

const isOfContacts = (input: ListSync): boolean => isContacts(objectOf(input).toLowerCase())

function* rules({ input, columns }: ParsedList): Generator<LocatedFinding> {
  if (input.exact && input.mode !== 'mirror') {
    yield {
      path: ['exact'],
      message: `only goes with mode mirror, not ${input.mode}: it makes the list what the model says`,
    }
  }
  if (typeof input.list === 'object' && !/^\d+$/.test(String(input.list.id))) {
    yield {
      path: ['list', 'id'],
      message: `must be the id of a list, not \`${input.list.id}\``,
      hint: '`backhaul inspect lists` shows names and ids.',
    }
  }
  const { object, record } = input
  if (object !== undefined && record?.object !== undefined && !isSame(object, record.object)) {
    yield {
      path: ['record', 'object'],
      message: `is ${record.object}, and \`object\` is ${object}: a list holds records of one object`,
    }
  }
  for (const { mapping, origin } of columns) {
    yield {
      path: ['properties', mapping.property],
      message: 'is mapped, and members of a list have no properties',
      hint: 'Name the sync of records that the column belongs to: `hubspot: {sync: …, property: …}`.',
      origin,
    }
  }
}

const nameOf = (object: string): string =>
  standardObject(object.toLowerCase())?.name ?? object.toLowerCase()

const isSame = (one: string, other: string): boolean => nameOf(one) === nameOf(other)

function targetOf(input: ListSync): RecordTarget | { readonly finding: Finding } {
  const { contact, record } = input
  if (contact !== undefined && record !== undefined) {
    const message = 'a member is found in one way: `contact` or `record`, not both'
    return { finding: { path: ['record'], message } }
  }
  if (record !== undefined) {
    const path = ['record']
    const { id, sync, key } = record
    if ((id === undefined) === (sync === undefined)) {
      const message = 'needs either `id`, a column of record ids, or `sync` and `key`'
      return { finding: { path, message } }
    }
    if (id !== undefined && key !== undefined)
      return { finding: { path: [...path, 'key'], message: 'only goes with `sync`' } }
    return contactTarget({ id, sync, key }, objectOf(input), path)
  }
  if (contact === undefined) {
    return {
      finding: {
        path: ['contact'],
        message: 'is required: it says which record a row is',
        hint: 'For example `contact: {email: email}`; of another object `object: companies` and `record: {id: company_id}`.',
      },
    }
  }
  if (!isOfContacts(input)) {
    return {
      finding: {
        path: ['contact'],
        message: `goes with lists of contacts; this one is of ${objectOf(input)}`,
        hint: 'Say `record: {id: column}`, or `record: {sync: …, key: …}`.',
      },
    }
  }
  if (contact.utk !== undefined) {
    return {
      finding: {
        path: ['contact', 'utk'],
        message: 'goes with events only: HubSpot finds no contact for a list by the user token',
      },
    }
  }
  return contactTarget(contact, 'contacts')
}

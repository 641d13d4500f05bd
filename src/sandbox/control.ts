import { createLabel } from './endpoints/link-labels.ts'
import type { FaultRule } from './faults.ts'
import { createSchema } from './portal/custom-object.ts'
import type { LoggedRequest, RequestCounts } from './request-log.ts'
import { type LabelFacts, resetState, type SandboxState } from './state.ts'
import type { EventOccurrence } from './store/event.ts'
import { defineEvent, findEvent } from './store/event-definitions.ts'
import { definitionsOf, linksOf, removeLabel, removeLink, setLink } from './store/links.ts'
import type { ProcessingType, SandboxList, StoredList } from './store/list.ts'
import { addList, changeMembers, membersOf } from './store/list-members.ts'
import { mergeRecords } from './store/merge-records.ts'
import { type ObjectType, type StoredRecord, systemValue } from './store/object-type.ts'
import type { Owner } from './store/owner.ts'
import type { Pipeline } from './store/pipeline.ts'
import { findObjectType, nextRecordId } from './store/portal.ts'
import type { Property } from './store/property.ts'
import { archiveProperty, createProperty, replaceProperty } from './store/property-definitions.ts'
import { archiveRecord, changeRecord, findRecord, insertRecord } from './store/records.ts'
import { seedValues } from './store/seed-values.ts'
import { setRule } from './store/validation-rules.ts'
import { SandboxUsageError } from './usage-error.ts'
import type { Violation } from './violations.ts'

/** A record as tests and the admin surface see it. */
export interface SandboxRecord {
  readonly id: string
  /** All values, with `hs_object_id` and the times HubSpot keeps. */
  readonly properties: Readonly<Record<string, string>>
  /** Milliseconds since the epoch, like `updatedAt`. */
  readonly createdAt: number
  readonly updatedAt: number
  readonly archived: boolean
}

/** A link as one of its records sees it. */
export interface SandboxLink {
  readonly toId: string
  /** Labels in that direction, sorted; none of an unlabelled link. */
  readonly labels: readonly string[]
  /** All types in that direction as `category:id`, sorted. */
  readonly types: readonly string[]
}

/** Direct access to a sandbox, past its API: nothing here counts as a request. */
export interface Control {
  /** All live records of a type, oldest first. */
  readonly records: (objectType: string) => readonly SandboxRecord[]
  readonly countRecords: (objectType: string) => number
  /** A record by id; archived ones too. */
  readonly record: (objectType: string, id: string) => SandboxRecord | undefined
  /** A live record by the value of a unique property. */
  readonly findRecord: (
    objectType: string,
    property: string,
    value: string,
  ) => SandboxRecord | undefined
  /** Adds records, also with read-only values; answers their ids in order. */
  readonly seedRecords: (
    objectType: string,
    records: readonly Readonly<Record<string, string>>[],
  ) => readonly string[]
  /** Changes a record as a HubSpot user would by hand; `''` clears. */
  readonly changeRecord: (
    objectType: string,
    id: string,
    properties: Readonly<Record<string, string>>,
  ) => void
  readonly archiveRecord: (objectType: string, id: string) => void
  readonly mergeRecords: (objectType: string, survivorId: string, mergedId: string) => void
  readonly property: (objectType: string, name: string) => Property | undefined
  /** Creates a property from the body its endpoint takes; the group defaults to the type's first. */
  readonly createProperty: (
    objectType: string,
    definition: Readonly<Record<string, unknown>>,
  ) => Property
  /** Creates properties that outlive a reset, by object type. */
  readonly defineProperties: (
    definitions: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>,
  ) => void
  /** Creates a custom object type from the body its endpoint takes; answers its type id. */
  readonly createObjectType: (schema: Readonly<Record<string, unknown>>) => string
  /** Archives a property as a HubSpot user would. */
  readonly archiveProperty: (objectType: string, name: string) => void
  /** Changes a property's definition, also what its endpoint does not let change. */
  readonly changeProperty: (objectType: string, name: string, changes: Partial<Property>) => void
  /** Sets a validation rule of a property. */
  readonly setRule: (
    objectType: string,
    property: string,
    ruleType: string,
    ...ruleArguments: readonly string[]
  ) => void
  readonly addOwner: (owner: Owner) => void
  /** Creates kinds of events, from the bodies their endpoint takes, that outlive a reset. */
  readonly defineEvents: (definitions: readonly Readonly<Record<string, unknown>>[]) => void
  /** Refuses a value of an event's property although its definition does not say so. */
  readonly refuseEventValue: (eventName: string, property: string, value: string) => void
  /** Events that are stored, oldest first. */
  readonly events: () => readonly EventOccurrence[]
  /** Makes a label of links from one object to another, and back, that outlives a reset; answers its type ids, there and back. */
  readonly defineLabel: (from: string, to: string, label: LabelFacts) => readonly number[]
  /** Takes a label off the account, as a HubSpot user would. */
  readonly removeLabel: (from: string, to: string, label: string) => void
  /** Links two records by hand; labels that they have stay. */
  readonly link: (
    from: readonly [objectType: string, id: string],
    to: readonly [objectType: string, id: string],
    ...labels: readonly string[]
  ) => void
  readonly unlink: (
    from: readonly [objectType: string, id: string],
    to: readonly [objectType: string, id: string],
  ) => void
  /** Links of a record to the records of one object, in the order in which they were made. */
  readonly links: (objectType: string, id: string, to: string) => readonly SandboxLink[]
  /** Makes a list as a HubSpot user would; answers its id. */
  readonly addList: (
    name: string,
    objectType: string,
    processingType?: ProcessingType,
    members?: readonly string[],
  ) => string
  /** Changes a list as a HubSpot user would: its name, how it gets members, or that it is there. */
  readonly changeList: (
    listId: string,
    changes: Partial<Pick<StoredList, 'name' | 'processingType'>> & {
      readonly isDeleted?: boolean
    },
  ) => void
  /** Adds and removes members by hand. */
  readonly changeMembers: (
    listId: string,
    toAdd: readonly string[],
    toRemove?: readonly string[],
  ) => void
  /** All lists, oldest first. */
  readonly lists: () => readonly SandboxList[]
  /** Adds a pipeline behind those that an object type has. */
  readonly addPipeline: (objectType: string, pipeline: Pipeline) => void
  /** Adds an owner, named by what stands before the @, that outlives a reset. */
  readonly defineOwner: (email: string) => void
  /** The last requests, oldest first. */
  readonly requests: () => readonly LoggedRequest[]
  /** Counts over all requests. */
  readonly counts: () => RequestCounts
  /** Requests that write records, whatever was answered. */
  readonly writeCalls: () => number
  /** Requests that HubSpot's contract refuses; only filled with `validateRequest`. */
  readonly violations: readonly Violation[]
  readonly addFault: (rule: FaultRule) => void
  readonly clearFaults: () => void
  /** Forgets everything since the start, but for `defineProperties`, `defineOwner`, `defineEvents` and `defineLabel`. */
  readonly reset: () => void
}

/** Gives direct access to a state. */
export function createControl(state: SandboxState): Control {
  const typeOf = (name: string) => requireType(state, name)
  const define = (name: string, definition: Readonly<Record<string, unknown>>): Property => {
    const type = typeOf(name)
    const groupName = type.groups.keys().next().value
    const body = { groupName, label: definition['name'], ...definition }
    const created = createProperty(state.portal, type, body, state.options.clock())
    if ('refusal' in created) throw new SandboxUsageError(JSON.stringify(created.refusal.body))
    return created.property
  }
  const addDefinedEvent = (definition: Readonly<Record<string, unknown>>) => {
    const body = { includeDefaultProperties: true, label: definition['name'], ...definition }
    const made = defineEvent(state.portal, body, state.options.clock())
    if ('refusal' in made) throw new SandboxUsageError(JSON.stringify(made.refusal.body))
  }
  const makeLabel = (from: string, to: string, facts: LabelFacts): readonly number[] => {
    const name = facts.label
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replace(/^(?=\d)/, '_')
    const between = { from: typeOf(from), to: typeOf(to) }
    const made = createLabel(state.portal, between, { name, ...facts })
    if ('refusal' in made) throw new SandboxUsageError(JSON.stringify(made.refusal.body))
    return made.types.map(({ typeId }) => typeId)
  }
  const endOf = ([objectType, id]: readonly [string, string]) => {
    const type = typeOf(objectType)
    return { type, id: requireRecord(type, id).id }
  }
  const labelled = (from: ObjectType, to: ObjectType, label: string) => {
    const type = definitionsOf(state.portal, from, to).find((each) => each.label === label)
    if (type !== undefined) return type
    throw new SandboxUsageError(`There is no label "${label}" from ${from.name} to ${to.name}.`)
  }
  const addDefinedOwner = (email: string) => {
    const userId = state.portal.owners.length + 1
    const [firstName = '', ...rest] = email.replace(/@.*/, '').split('.')
    const id = String(userId)
    state.portal.owners.push({
      id,
      email,
      firstName,
      lastName: rest.join(' '),
      userId,
      archived: false,
    })
  }
  return {
    records: (name) => {
      const type = typeOf(name)
      return [...type.records.values()].map((record) => present(type, record))
    },
    countRecords: (name) => typeOf(name).records.size,
    record: (name, id) => {
      const type = typeOf(name)
      const record = type.records.get(id) ?? type.archived.get(id)
      return record === undefined ? undefined : present(type, record)
    },
    findRecord: (name, property, value) => {
      const type = typeOf(name)
      const record = findRecord(type, value, property)
      return record === undefined ? undefined : present(type, record)
    },
    seedRecords: (name, records) => {
      const type = typeOf(name)
      const checked = records.map((values) => seedValues(type, values))
      const now = state.options.clock()
      return checked.map((values) => insertRecord(type, nextRecordId(type), values, now).id)
    },
    changeRecord: (name, id, properties) => {
      const type = typeOf(name)
      const record = requireRecord(type, id)
      const changes = seedValues(type, properties, record)
      changeRecord(type, record, changes, state.options.clock(), state.options.quirks.searchLagMs)
    },
    archiveRecord: (name, id) => archiveRecord(typeOf(name), id, state.options.clock()),
    mergeRecords: (name, survivorId, mergedId) => {
      const type = typeOf(name)
      const now = state.options.clock()
      mergeRecords(
        state.portal,
        type,
        requireRecord(type, survivorId),
        requireRecord(type, mergedId),
        now,
      )
    },
    property: (name, property) => typeOf(name).properties.get(property)?.definition,
    createProperty: define,
    defineProperties: (byObject) => {
      for (const [name, definitions] of Object.entries(byObject)) {
        for (const definition of definitions) {
          define(name, definition)
          state.keptProperties.push([name, definition])
        }
      }
    },
    createObjectType: (schema) => {
      const created = createSchema(state.portal, schema, state.options.clock())
      if ('refusal' in created) throw new SandboxUsageError(JSON.stringify(created.refusal.body))
      return created.type.objectTypeId
    },
    archiveProperty: (name, property) =>
      archiveProperty(state.portal, typeOf(name), property, state.options.clock()),
    changeProperty: (name, property, changes) =>
      replaceProperty(state.portal, typeOf(name), property, changes),
    setRule: (name, property, ruleType, ...ruleArguments) =>
      setRule(typeOf(name), property, {
        ruleType,
        ruleArguments,
        shouldApplyNormalization: false,
      }),
    defineLabel: (from, to, label) => {
      state.keptLabels.push([from, to, label])
      return makeLabel(from, to, label)
    },
    removeLabel: (from, to, label) => {
      const [own, other] = [typeOf(from), typeOf(to)]
      removeLabel(state.portal, own, other, labelled(own, other, label))
    },
    link: (from, to, ...labels) => {
      const [own, other] = [endOf(from), endOf(to)]
      const types = labels.map((label) => labelled(own.type, other.type, label))
      setLink(state.portal, own, other, types, true)
    },
    unlink: (from, to) => removeLink(state.portal, endOf(from), endOf(to)),
    links: (name, id, to) =>
      linksOf(state.portal, { type: typeOf(name), id }, typeOf(to)).map(({ toId, types }) => ({
        toId,
        labels: types.flatMap(({ label }) => label ?? []).sort(),
        types: types.map(({ category, typeId }) => `${category}:${typeId}`).sort(),
      })),
    addPipeline: (objectType, pipeline) => {
      const { objectTypeId } = typeOf(objectType)
      const { pipelines } = state.portal
      pipelines.set(objectTypeId, [...(pipelines.get(objectTypeId) ?? []), pipeline])
    },
    addOwner: (owner) => {
      state.portal.owners.push(owner)
    },
    defineOwner: (email) => {
      addDefinedOwner(email)
      state.keptOwners.push(email)
    },
    defineEvents: (definitions) => {
      definitions.forEach(addDefinedEvent)
      state.keptEvents.push(...definitions)
    },
    refuseEventValue: (eventName, property, value) => {
      const stored = findEvent(state.portal, eventName)?.properties
      const own = stored?.get(property)
      if (stored === undefined || own === undefined)
        throw new SandboxUsageError(`There is no property ${property} of ${eventName}.`)
      const message = `${value} is not accepted.`
      stored.set(property, {
        ...own,
        accept: (given, before) =>
          given === value
            ? { message, error: 'INVALID_VALUE', name: property }
            : own.accept(given, before),
      })
    },
    events: () => state.portal.events.occurrences,
    addList: (name, objectType, processingType = 'MANUAL', members = []) => {
      const now = state.options.clock()
      const { objectTypeId } = typeOf(objectType)
      const list = addList(state.portal, { name, objectTypeId, processingType }, now)
      changeMembers(state.portal, list, members, [], now)
      return list.listId
    },
    changeList: (listId, { isDeleted, ...changes }) => {
      const list = requireList(state, listId)
      Object.assign(list, changes)
      if (isDeleted !== undefined) list.deletedAt = isDeleted ? state.options.clock() : undefined
    },
    changeMembers: (listId, toAdd, toRemove = []) => {
      const list = requireList(state, listId)
      changeMembers(state.portal, list, toAdd, toRemove, state.options.clock())
    },
    lists: () =>
      [...state.portal.lists.values()].map((list) => ({
        listId: list.listId,
        name: list.name,
        objectTypeId: list.objectTypeId,
        processingType: list.processingType,
        isDeleted: list.deletedAt !== undefined,
        members: membersOf(state.portal, list).map(([recordId]) => recordId),
      })),
    requests: () => state.log.requests(),
    counts: () => state.log.counts(),
    writeCalls: () => state.log.counts().writeCalls,
    violations: state.violations,
    addFault: (rule) => state.faults.add(rule),
    clearFaults: () => state.faults.clear(),
    reset: () => {
      resetState(state)
      for (const [name, definition] of state.keptProperties) define(name, definition)
      state.keptOwners.forEach(addDefinedOwner)
      state.keptEvents.forEach(addDefinedEvent)
      for (const [from, to, label] of state.keptLabels) makeLabel(from, to, label)
    },
  }
}

function requireType(state: SandboxState, name: string): ObjectType {
  const type = findObjectType(state.portal, name)
  if (type === undefined) throw new SandboxUsageError(`There is no object type "${name}".`)
  return type
}

function requireList(state: SandboxState, listId: string): StoredList {
  const list = state.portal.lists.get(listId)
  if (list === undefined) throw new SandboxUsageError(`There is no list ${listId}.`)
  return list
}

function requireRecord(type: ObjectType, id: string): StoredRecord {
  const record = type.records.get(id)
  if (record === undefined) throw new SandboxUsageError(`There is no record ${id} of ${type.name}.`)
  return record
}

function present(type: ObjectType, record: StoredRecord): SandboxRecord {
  const system = ['hs_object_id', type.createdProperty, type.modifiedProperty].map((name) => [
    name,
    systemValue(type, record, name) ?? '',
  ])
  return {
    id: record.id,
    properties: { ...Object.fromEntries(system), ...record.values },
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    archived: record.archivedAt !== undefined,
  }
}

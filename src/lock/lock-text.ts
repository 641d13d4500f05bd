import { Document, isMap, isSeq, type Tags, visit } from 'yaml'
import type { LinkType, PropertyOption, PropertySchema } from '../types.ts'
import type {
  EventNode,
  LinkTypeNode,
  ListNode,
  ObjectNode,
  OptionNode,
  PortalNode,
  PropertyNode,
  Written,
} from './lock-schema.ts'
import { LOCK_VERSION } from './lock-version.ts'
import {
  type Absent,
  absent,
  type LockedEvent,
  type LockedList,
  type LockedObject,
  type LockedPortal,
  type LockedProperties,
} from './locked-portal.ts'

const header = `# What HubSpot says of the objects, properties, pipelines, associations, events and lists that the syncs of this project use.
# Made by \`backhaul lock\`, for \`backhaul validate\` and \`backhaul plan\` where there is no token. Not to be edited: make it
# again with \`backhaul lock\`; \`backhaul lock --check\` compares it with HubSpot. It holds no token, no record and no person.
`

/** The file. The same portals give the same bytes, whatever the order in which HubSpot answered. */
export function lockText(portals: readonly LockedPortal[], api: string): string {
  const document = new Document(
    {
      version: LOCK_VERSION,
      api,
      portals: sorted(new Map(portals.map((portal) => [portal.portalId, portalNode(portal)]))),
    },
    // The tag of `<<` writes it plain, whatever is said: such a key would be read as a merge.
    { version: '1.1', customTags: (tags) => tags.filter((tag) => !isMerge(tag)) },
  )
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'string' && needsQuotes(scalar.value)) {
        scalar.type = 'QUOTE_DOUBLE'
      }
    },
    // One line for each option, stage, type of link and rule.
    Seq(_key, list) {
      const isWords = list.items.every((entry) => !isMap(entry) && !isSeq(entry))
      if (isWords) list.flow = true
      for (const entry of list.items) if (isMap(entry)) entry.flow = true
    },
  })
  return header + document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

const isMerge = (tag: Tags[number]): boolean =>
  tag === 'merge' || (typeof tag === 'object' && tag.tag === 'tag:yaml.org,2002:merge')

/** Line ends, control characters and the key that merges: written plain, they may be read as another text, or not at all. */
const needsQuotes = (text: string): boolean => text === '<<' || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)

type Node = Readonly<Record<string, unknown>>

function portalNode({
  accountType,
  targets,
  objects,
  links,
  events,
  listedFor,
  lists,
  absentLists,
}: LockedPortal): Written<PortalNode> {
  const listed = listedFor === undefined ? {} : { events_looked_through_for: listedFor }
  return {
    account_type: accountType,
    ...withoutEmpty<Written<PortalNode>>({ targets }),
    ...listed,
    ...withoutEmpty<Written<PortalNode>>({
      objects: mapped(objects, objectNode),
      associations: sorted(
        new Map([...links].map(([from, to]) => [from, mapped(to, (types) => types.map(typeNode))])),
      ),
      events: mapped(events, eventNode),
      lists: mapped(lists, listNode),
      absent_lists: [...absentLists]
        .sort((a, b) => inOrder(a.name, b.name) || inOrder(a.objectTypeId, b.objectTypeId))
        .map(({ name, objectTypeId }) => ({ name, object: objectTypeId })),
    }),
  }
}

const objectNode = (object: LockedObject): Written<ObjectNode> => ({
  id: object.objectTypeId,
  ...withoutEmpty<Written<ObjectNode>>({
    also_called: object.askedAs,
    required: object.requiredProperties,
    group: object.group,
    properties: mapped(object.properties, propertyNode),
  }),
  ...(object.pipelines === undefined
    ? {}
    : {
        pipelines:
          object.pipelines === 'untold'
            ? object.pipelines
            : {
                pipelines: object.pipelines.pipelines.map(optionNode),
                stages: object.pipelines.stages.map(optionNode),
              },
      }),
})

const propertyNode = (property: PropertySchema): Written<PropertyNode> => ({
  label: property.label,
  type: property.type,
  field: property.fieldType,
  ...withoutEmpty<Written<PropertyNode>>({
    unique: property.isUnique || undefined,
    read_only: property.isReadOnly || undefined,
    calculated: property.isCalculated || undefined,
    archived: property.isArchived || undefined,
    hidden: property.isHidden || undefined,
    options_elsewhere: property.hasExternalOptions || undefined,
    options: property.options.map(optionNode),
    rules: property.rules?.map((rule) => ({ type: rule.type, arguments: rule.arguments })),
  }),
})

const optionNode = ({ value, label, isHidden }: PropertyOption): Written<OptionNode> => ({
  value,
  label,
  ...(isHidden ? { hidden: true } : {}),
})

const typeNode = ({ typeId, category, label, name }: LinkType): Written<LinkTypeNode> => ({
  id: typeId,
  category,
  ...(label === null ? {} : { label }),
  ...(name === undefined ? {} : { name }),
})

const eventNode = (event: LockedEvent): Written<EventNode> => ({
  full_name: event.fullName,
  label: event.label,
  ...withoutEmpty<Written<EventNode>>({
    about: event.about,
    tracking_type: event.trackingType,
    group: event.group,
    properties: mapped(event.properties as LockedProperties, propertyNode),
  }),
})

const listNode = ({ name, objectTypeId, processingType }: LockedList): Written<ListNode> => ({
  name,
  object: objectTypeId,
  type: processingType,
})

const mapped = <T>(entries: ReadonlyMap<string, T | Absent>, node: (value: T) => unknown) =>
  sorted(
    new Map(
      [...entries].map(([name, value]) => [name, value === absent ? absent : node(value as T)]),
    ),
  )

/** Whole numbers, as in ids, come first; the rest is in the order of `inOrder`. */
const sorted = (entries: ReadonlyMap<string, unknown>): Node =>
  Object.fromEntries([...entries].sort(([a], [b]) => inOrder(a, b)))

/** By code unit: the same on every machine. */
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

type Filled<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> }

/** Without what is undefined, and lists and maps of nothing. */
const withoutEmpty = <T>(node: { readonly [Key in keyof T]?: T[Key] | undefined }): Filled<T> =>
  Object.fromEntries(
    Object.entries(node).filter(
      ([, value]) =>
        value !== undefined &&
        (typeof value !== 'object' || value === null || Object.keys(value).length > 0),
    ),
  ) as Filled<T>

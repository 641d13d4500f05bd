import { check } from '../config/check.ts'
import { type Problem, UserError } from '../errors.ts'
import { readYaml } from '../project/yaml-document.ts'
import type { LinkType, PropertyOption, PropertySchema } from '../types.ts'
import {
  type EventNode,
  type LinkTypeNode,
  type ListNode,
  lock,
  type ObjectNode,
  type OptionNode,
  type PortalNode,
  type PropertyNode,
  type PropertyNodes,
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

/** A lock as it was read. */
export interface Lock {
  /** Versions of HubSpot's API that it was read from. */
  readonly api: string
  readonly portals: readonly LockedPortal[]
}

/** What is to be done about a file that cannot be read. */
const makeAgain =
  'Delete the file, and make it again: `backhaul lock`, for each target that it was made with.'

/**
 * @param file as messages name it
 * @throws UserError for a file that is damaged, or of another version, with the lines
 */
export function readLock(file: string, content: string): Lock {
  refuseMergeMarks(file, content)
  const document = readYaml(file, content, true)
  if (document.problems.length > 0) {
    throw new UserError(document.problems.map((problem) => ({ ...problem, hint: makeAgain })))
  }
  const { value } = document
  refuseOtherVersion(value, document.at(['version']), file)
  const checked = check(lock, value)
  if (!checked.ok) {
    const problems = checked.findings.map(
      ({ path, message }): Problem => ({
        message,
        key: path.join('.'),
        where: document.at(path),
        hint: makeAgain,
      }),
    )
    throw new UserError(
      problems.length > 0 ? problems : { message: 'cannot be read', hint: makeAgain },
    )
  }
  return {
    api: checked.value.api,
    portals: [...checked.value.portals].map(([portalId, each]) => portalOf(portalId, each)),
  }
}

/** What git leaves in a file that both sides changed. */
function refuseMergeMarks(file: string, content: string): void {
  const lines = content.split('\n')
  const at = lines.findIndex((line) => /^(<{7}|\|{7}|={7}|>{7})( |\r?$)/.test(line))
  if (at < 0) return
  throw new UserError({
    message: 'has marks of a merge that is not finished',
    where: { file, line: at + 1 },
    hint: 'Take either side (`git checkout --theirs` and the file), then run `backhaul lock` for the targets of both, and commit.',
  })
}

function refuseOtherVersion(value: unknown, where: Problem['where'], file: string): void {
  const isMap = typeof value === 'object' && value !== null && 'version' in value
  const version = isMap ? value.version : undefined
  if (version === LOCK_VERSION) return
  if (typeof version !== 'number') {
    throw new UserError({
      message: 'is no lock of Backhaul: it has no `version`',
      where: isMap && where !== undefined ? where : { file, line: 1 },
      hint: makeAgain,
    })
  }
  throw new UserError({
    message: `has version ${version}, and this Backhaul reads version ${LOCK_VERSION}`,
    where: where ?? { file },
    hint: version > LOCK_VERSION ? 'Update Backhaul: a newer one made the file.' : makeAgain,
  })
}

function portalOf(portalId: string, node: PortalNode): LockedPortal {
  return {
    portalId,
    accountType: node.account_type,
    targets: node.targets ?? [],
    objects: entries(node.objects, objectOf),
    links: new Map(
      [...(node.associations ?? [])].map(([from, to]) => [
        from,
        new Map([...to].map(([name, types]) => [name, types.map(typeOf)])),
      ]),
    ),
    events: entries(node.events, eventOf),
    ...(node.events_looked_through_for === undefined
      ? {}
      : { listedFor: node.events_looked_through_for }),
    lists: entries(node.lists, listOf),
    absentLists: (node.absent_lists ?? []).map((each) => ({
      name: each.name,
      objectTypeId: each.object,
    })),
  }
}

function entries<Node, T>(
  nodes: ReadonlyMap<string, Node | Absent> | undefined,
  read: (node: Node, name: string) => T,
): ReadonlyMap<string, T | Absent> {
  return new Map(
    [...(nodes ?? [])].map(([name, node]) => [
      name,
      node === absent ? absent : read(node as Node, name),
    ]),
  )
}

const propertiesOf = (nodes: PropertyNodes): LockedProperties => entries(nodes, propertyOf)

const objectOf = (node: ObjectNode): LockedObject => ({
  objectTypeId: node.id,
  askedAs: node.also_called ?? [],
  requiredProperties: node.required ?? [],
  ...(node.group === undefined ? {} : { group: node.group }),
  properties: propertiesOf(node.properties),
  ...(node.pipelines === undefined
    ? {}
    : {
        pipelines:
          node.pipelines === 'untold'
            ? node.pipelines
            : {
                pipelines: node.pipelines.pipelines.map(optionOf),
                stages: node.pipelines.stages.map(optionOf),
              },
      }),
})

const propertyOf = (node: PropertyNode, name: string): PropertySchema => ({
  name,
  label: node.label,
  type: node.type,
  fieldType: node.field,
  options: (node.options ?? []).map(optionOf),
  hasExternalOptions: node.options_elsewhere === true,
  isUnique: node.unique === true,
  isReadOnly: node.read_only === true,
  isCalculated: node.calculated === true,
  isArchived: node.archived === true,
  isHidden: node.hidden === true,
  ...(node.rules === undefined ? {} : { rules: node.rules }),
})

const optionOf = ({ value, label, hidden }: OptionNode): PropertyOption => ({
  value,
  label,
  isHidden: hidden === true,
})

const typeOf = ({ id, category, label, name }: LinkTypeNode): LinkType => ({
  typeId: id,
  category,
  label: label ?? null,
  name,
})

const eventOf = (node: EventNode): LockedEvent => ({
  fullName: node.full_name,
  label: node.label,
  ...(node.about === undefined ? {} : { about: node.about }),
  ...(node.tracking_type === undefined ? {} : { trackingType: node.tracking_type }),
  ...(node.group === undefined ? {} : { group: node.group }),
  properties: propertiesOf(node.properties),
})

const listOf = (node: ListNode): LockedList => ({
  name: node.name,
  objectTypeId: node.object,
  processingType: node.type,
})

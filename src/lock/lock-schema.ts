import { z } from 'zod'
import { LOCK_VERSION } from './lock-version.ts'
import { absent } from './locked-portal.ts'

/** The form of hubspot.lock.yml, for what reads it and what writes it. */

const text = z.string()
const orAbsent = <Schema extends z.ZodType>(schema: Schema) => z.union([z.literal(absent), schema])
const flag = z.boolean().optional()
/** Neither a list nor a date. */
const isMapping = (node: unknown): node is object =>
  typeof node === 'object' && node !== null && Object.getPrototypeOf(node) === Object.prototype
/** A mapping by names that are HubSpot's: of a plain object zod leaves out `__proto__`. */
const byName = <Schema extends z.ZodType>(schema: Schema, name = text) =>
  z.preprocess(
    (node) => (isMapping(node) ? new Map(Object.entries(node)) : node),
    z.map(name, schema),
  )

const option = z.strictObject({ value: text, label: text, hidden: flag })
const property = z.strictObject({
  label: text,
  type: text,
  field: text,
  unique: flag,
  read_only: flag,
  calculated: flag,
  archived: flag,
  hidden: flag,
  options_elsewhere: flag,
  options: z.array(option).readonly().optional(),
  rules: z
    .array(z.strictObject({ type: text, arguments: z.array(text).readonly() }))
    .readonly()
    .optional(),
})
const properties = byName(orAbsent(property)).optional()
const object = z.strictObject({
  id: text,
  also_called: z.array(text).readonly().optional(),
  required: z.array(text).readonly().optional(),
  group: text.optional(),
  properties,
  pipelines: z
    .union([
      z.literal('untold'),
      z.strictObject({ pipelines: z.array(option).readonly(), stages: z.array(option).readonly() }),
    ])
    .optional(),
})
const linkType = z.strictObject({
  id: z.int(),
  category: text,
  label: text.optional(),
  name: text.optional(),
})
const event = z.strictObject({
  full_name: text,
  label: text,
  about: text.optional(),
  tracking_type: text.optional(),
  group: text.optional(),
  properties,
})
const list = z.strictObject({ name: text, object: text, type: text })
const portal = z.strictObject({
  account_type: text,
  targets: z.array(text).readonly().optional(),
  objects: byName(orAbsent(object)).optional(),
  associations: byName(byName(z.array(linkType).readonly())).optional(),
  events_looked_through_for: z.array(text).readonly().optional(),
  events: byName(orAbsent(event)).optional(),
  lists: byName(orAbsent(list)).optional(),
  absent_lists: z
    .array(z.strictObject({ name: text, object: text }))
    .readonly()
    .optional(),
})

/** The whole file. What writes it has its types from here: a key that is called otherwise there does not compile. */
export const lock = z.strictObject({
  version: z.literal(LOCK_VERSION),
  api: text,
  portals: byName(portal, text.regex(/^\d+$/, 'must be the id of a portal')),
})

export type OptionNode = z.output<typeof option>
export type PropertyNode = z.output<typeof property>
export type ObjectNode = z.output<typeof object>
export type LinkTypeNode = z.output<typeof linkType>
export type EventNode = z.output<typeof event>
export type ListNode = z.output<typeof list>
export type PortalNode = z.output<typeof portal>
export type PropertyNodes = z.output<typeof properties>

/** As it is written: mappings by name are plain objects then. */
export type Written<Node> = {
  readonly [Key in keyof Node]: Node[Key] extends ReadonlyMap<string, unknown> | undefined
    ? object
    : Node[Key]
}

import { createHash } from 'node:crypto'
import type { ObjectSchema, Sync } from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import type { DiffLink, DiffProperty, TemplateProperty } from '../diff-spec.ts'
import type { Lookup } from '../values/lookups.ts'

/** Version of the wire forms. Raised when a release renders a value differently: every row is looked at again. */
const wireVersion = 1

/** The same of templates: raised when filters or the library give another text. */
const templateVersion = 1

/** What a lookup makes of terms; why it refuses others decides no wire value. */
const meaningsOf = (lookup: Lookup | undefined): readonly unknown[] =>
  lookup === undefined
    ? []
    : [
        lookup.entries.flatMap(({ term, meaning }) =>
          meaning === undefined ? [] : [[term, meaning]],
        ),
      ]

/**
 * Digest of all that decides wire values besides the row itself.
 *
 * @param others columns that decide without being a property
 */
export function seedOf(
  sync: Sync,
  schema: ObjectSchema,
  properties: readonly DiffProperty[],
  templates: readonly TemplateProperty[],
  others: readonly Column[],
  links: readonly DiffLink[] = [],
): string {
  const described = properties.map((property) => [
    property.name,
    property.nulls,
    property.onInvalid,
    property.options ?? null,
    sourceOf(property),
    ...(property.write === undefined ? [] : [property.write]),
    ...(property.clearsFirst === undefined ? [] : ['clears_first']),
  ])
  const rendered = templates.map(({ property, template, reads, timezone }) => [
    property.name,
    property.nulls,
    property.onInvalid,
    property.options ?? null,
    property.write ?? null,
    property.source,
    template,
    timezone ?? null,
    reads.map(({ column }) => [column.name, column.type]),
    ...(property.clearsFirst === undefined ? [] : ['clears_first']),
  ])
  const parts = [
    wireVersion,
    sync.mode,
    schema.objectTypeId,
    described,
    ...others.map(({ name, type }) => [name, type]),
    ...links.map(({ association, target, split, labels, lookup }) => [
      association,
      target,
      split ?? null,
      labels,
      ...meaningsOf(lookup),
    ]),
    ...(sync.list === undefined ? [] : [sync.list.about]),
  ]
  return createHash('sha256')
    .update(JSON.stringify(rendered.length === 0 ? parts : [...parts, templateVersion, rendered]))
    .digest('hex')
    .slice(0, 16)
}

function sourceOf({ source }: DiffProperty): readonly unknown[] {
  if (source.kind === 'value') return ['value', source.value]
  if (source.kind === 'row_id') return ['row_id']
  return [source.column.name, source.column.type, source.wire, ...meaningsOf(source.lookup)]
}

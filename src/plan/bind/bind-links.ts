import type { Problem } from '../../errors.ts'
import type { LinkType, ObjectSchema, Sync } from '../../types.ts'
import type { Column } from '../../warehouse/dialect.ts'
import type { DiffLink } from '../diff-spec.ts'
import { linkName, targetColumns } from '../links/link-name.ts'
import { type LinkContext, type Tell, textOf } from './bind-link-context.ts'
import { labelLookup, labelsOf } from './bind-link-labels.ts'
import { searchCost, targetOf } from './bind-link-target.ts'
import type { Report, Resolve } from './bind-match.ts'

/** Links of a sync, as far as they can be told, and what finding their records costs. */
export interface BoundLinks {
  readonly links: readonly DiffLink[]
  /** Columns that decide what is linked without being a property. */
  readonly columns: readonly Column[]
  readonly costs: readonly Problem[]
}

/** Checks what a sync says of its links against the model's columns and the types of links that the portal has. */
export function bindLinks(
  sync: Sync,
  schema: ObjectSchema,
  columns: readonly Column[],
  resolve: Resolve,
  report: Report,
): BoundLinks {
  const links: DiffLink[] = []
  const costs: Problem[] = []
  for (const association of sync.associations) {
    const other = schema.linked?.get(association.key)
    if (other === undefined) continue
    const tell: Tell = (key, problem) =>
      report(`${association.key}${key === '' ? '' : `.${key}`}`, problem, association.origin)
    const context = { association, other, from: schema.name, columns, resolve, tell }
    const plainType = plainTypeOf(context)
    const target = targetOf(context)
    const labels = labelsOf(context, plainType)
    if (plainType === undefined || target === undefined || labels === undefined) continue
    const name = linkName(other.name, target)
    const earlier = links.find(({ association: taken }) => taken === name)
    if (earlier !== undefined) {
      tell('', {
        message: 'finds the same records as another association of the sync',
        hint: 'Write one entry; several labels go in one, too: `label: [first, second]`.',
      })
      continue
    }
    if (target.kind === 'match' && target.by === 'search') costs.push(searchCost(sync, context))
    links.push({
      association: name,
      object: other.name,
      objectTypeId: other.objectTypeId,
      target,
      ...(association.split === undefined ? {} : { split: association.split }),
      labels,
      lookup: labelLookup(other.types),
      plainType: textOf(plainType),
      onRemoved: association.onRemoved,
    })
  }
  return { links, columns: links.flatMap(columnsOf), costs }
}

const columnsOf = ({ target, labels }: DiffLink): readonly Column[] => [
  ...targetColumns(target),
  ...(labels.kind === 'column' ? [labels.column] : []),
]

/** HubSpot's own before one that an account or an app made. */
function plainTypeOf({ other, from, tell }: LinkContext): LinkType | undefined {
  const plain = other.types.filter(({ label }) => label === null)
  const type = plain.find(({ category }) => category === 'HUBSPOT_DEFINED') ?? plain[0]
  if (type === undefined) {
    tell('to', {
      message: `HubSpot has no association between ${from} and ${other.name}`,
      hint: 'Associate the two objects in HubSpot (Settings, Objects, Associations), or link to another object.',
    })
  }
  return type
}

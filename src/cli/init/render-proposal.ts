import type { NewSync } from '../../init/sync-block.ts'
import type { Model } from '../../types.ts'
import { renderTable } from '../render/render-table.ts'
import { countOf } from '../render/words.ts'
import type { ChosenSync } from './choose-sync.ts'

/** The mapping that is proposed, and what is left out. */
export function renderProposal(model: Model, chosen: ChosenSync): string {
  const { sync, schema, leftOut, notes } = chosen
  const count = sync.mappings.length + 1
  const rows = [
    {
      property: sync.match.property,
      column: sync.match.column,
      values: 'finds the record',
    },
    ...sync.mappings.map(({ property, column, as }) => ({
      property: property.name,
      column: column.name,
      values: `${column.type.toLowerCase()} → ${property.type}${as === undefined ? '' : `, as: ${as}`}`,
    })),
  ]
  return [
    `${model.name} → ${schema.name}: the sync ${sync.name} maps ${countOf(count, 'column')} (${modeOf(sync)} by ${sync.match.property}, key ${sync.primaryKey.join(', ')})`,
    ...renderTable(rows),
    ...(leftOut.length === 0 ? [] : ['Left out:']),
    ...leftOutLines(leftOut),
    ...notes.map((note) => `Note: ${note}.`),
    '',
  ].join('\n')
}

const modeOf = ({ mode }: NewSync): string => mode ?? 'upsert'

/** Columns with one reason in one line. */
function leftOutLines(leftOut: ChosenSync['leftOut']): readonly string[] {
  const names = new Map<string, string[]>()
  for (const { column, why } of leftOut) names.set(why, [...(names.get(why) ?? []), column.name])
  return [...names].map(([why, columns]) => `  ${columns.join(', ')}: ${why}`)
}

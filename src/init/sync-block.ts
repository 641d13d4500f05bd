import { Document, isMap, isSeq } from 'yaml'
import type { Block } from '../config/merge.ts'
import type { ProposedMapping } from './propose-mapping.ts'

/** What a sync that is written says. */
export interface NewSync {
  readonly name: string
  /** As the user wrote it. */
  readonly object: string
  readonly primaryKey: readonly string[]
  readonly match: { readonly property: string; readonly column: string }
  /** Only where it is not `upsert`. */
  readonly mode?: 'update'
  readonly mappings: readonly ProposedMapping[]
  /** The catalog has capitals only, as Snowflake's: columns are written in lower case, as in the model's SQL, and found all the same. */
  readonly hasFoldedNames: boolean
  /** Lines above the sync, for whoever reads the file. */
  readonly comment?: string
}

/** The value of `meta.hubspot`. */
export function blockOf(sync: NewSync): Block {
  const { name, object, mode, match, mappings } = sync
  const spelt = (column: string) => (sync.hasFoldedNames ? column.toLowerCase() : column)
  const primaryKey = sync.primaryKey.map(spelt)
  const [first, ...more] = primaryKey
  const properties = mappings
    .filter(({ property }) => property.name !== match.property)
    .map(({ property, column, as }) => [
      property.name,
      as === undefined ? spelt(column.name) : { column: spelt(column.name), as },
    ])
  return {
    sync: name,
    object,
    ...(mode === undefined ? {} : { mode }),
    primary_key: more.length === 0 ? (first ?? '') : primaryKey,
    match: { [match.property]: spelt(match.column) },
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
  }
}

/** How a YAML value is written into a file that is there already. */
export interface Layout {
  /** Spaces of one step. */
  readonly step: number
  readonly isFlow?: boolean
}

/**
 * A value in YAML 1.1, as dbt reads it, where `on` and `no` are quoted. Small parts of a sync are in one line.
 *
 * @param comment above the key `hubspot`
 */
export function toYaml(value: unknown, { step, isFlow }: Layout, comment?: string): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false })
  const visit = (node: unknown, key?: string): void => {
    if (isMap(node)) {
      if (key !== undefined && ['match', 'one line'].includes(key)) node.flow = true
      for (const pair of node.items) {
        const name = String((pair.key as { value?: unknown }).value)
        if (name === 'hubspot' && comment !== undefined && !isFlow)
          (pair.key as { commentBefore?: string }).commentBefore = comment
        visit(pair.value, key === 'properties' ? 'one line' : name)
      }
    } else if (isSeq(node)) {
      if (key === 'primary_key') node.flow = true
      for (const entry of node.items) visit(entry)
    }
  }
  visit(document.contents)
  if (isFlow && (isMap(document.contents) || isSeq(document.contents)))
    document.contents.flow = true
  return document.toString({
    lineWidth: 0,
    indent: step,
    flowCollectionPadding: false,
  })
}

import type { Manifest, Model, Origin } from '../types.ts'
import type { Finding, Path } from './check.ts'
import type { ObjectSync } from './object-schema.ts'
import type { ColumnMapping } from './property-schema.ts'

/** A mapping that was declared on a column of the model. */
export interface ColumnDeclaration {
  readonly column: string
  readonly mapping: ColumnMapping
  readonly origin: Origin
}

/** A parsed sync with all that is needed to build the final one. */
export interface Parsed {
  readonly name: string
  readonly model: Model
  readonly manifest: Manifest
  readonly input: ObjectSync
  readonly columns: readonly ColumnDeclaration[]
  readonly origin: Origin
  readonly originOf: (path: Path) => Origin
  /** A sync of events may map no property at all. */
  readonly mayMapNothing?: true
}

/** What is wrong, and where, unless that is where the sync itself says it. */
export type LocatedFinding = Finding & { readonly origin?: Origin }

import type { AuditValues, Mode, NullPolicy, OnDelete, OnInvalid, WritePolicy } from '../types.ts'
import type { Column, TableRef, WireForm } from '../warehouse/dialect.ts'

/** One mapped property, checked against the portal and the catalog. */
export interface DiffProperty {
  readonly name: string
  readonly source:
    | { readonly kind: 'column'; readonly column: Column; readonly wire: WireForm }
    | { readonly kind: 'value'; readonly value: string }
  /** `keep` also for the match property, required ones and those with `write`: they are never cleared, by whatever. */
  readonly nulls: NullPolicy
  readonly onInvalid: OnInvalid
  /** Absent: always. `create_only` has no value once the row is bound; `if_empty` may be taken out by a look-up. */
  readonly write?: Exclude<WritePolicy, 'always'>
  /** Allowed values; absent when any is. */
  readonly options?: readonly string[]
  /** What people write for an option, in lower case, and the option: for "did you mean". */
  readonly spellings?: readonly (readonly [spelling: string, option: string])[]
  /** An e-mail address: compared, and sent, trimmed and in lower case, as HubSpot keeps it. */
  readonly isEmail?: boolean
  /** The text of a template: where it begins with `unrenderable`, it says why there is none. */
  readonly isRendered?: true
}

/** A property whose value is a template's text. Whatever a text column may hold wrong, the text may, too. */
export interface TemplateProperty {
  /** Its source is a column of text that the model does not have: the rendered one. */
  readonly property: DiffProperty
  readonly template: string
  /** Columns that the template reads, and how it calls them. */
  readonly reads: readonly { readonly name: string; readonly column: Column }[]
  /** Of zone-less timestamps that it reads. */
  readonly timezone?: string
}

/** All that the diff of one object sync needs to know. Plain data. */
export interface DiffSpec {
  readonly runId: string
  /** Relation as dbt wrote it, and the user's filters over it. */
  readonly relation: string
  readonly filters: readonly string[]
  readonly keyColumns: readonly Column[]
  readonly match?: {
    readonly property: string
    readonly column: Column
    readonly foldsCase: boolean
  }
  /** Sorted by name. */
  readonly properties: readonly DiffProperty[]
  /** Properties that are rendered by us when the rest of the change set is there; absent where there are none. */
  readonly templates?: readonly TemplateProperty[]
  readonly mode: Mode
  readonly onDelete: OnDelete
  readonly auditValues: AuditValues
  /** Digest of everything that decides wire values besides the row: a change makes every row a candidate. */
  readonly seed: string
  /** The state table; undefined before the first run. */
  readonly state?: TableRef
  /** Undefined where the session may create no table: the change set is only counted. */
  readonly plan?: TableRef
  /** Where rendered texts are uploaded to, of the shape of `resolutions__<sync>`; needed for templates. */
  readonly rendered?: TableRef
  /** What the preflight found, so that the common case scans the model once; true where it may not count on that. */
  readonly hasRepeatedKeys: boolean
  readonly hasRepeatedMatches: boolean
  readonly isFullRefresh: boolean
  /** `--row` and `--limit`: nothing is treated as gone. */
  readonly onlyRows?: readonly string[]
  readonly limit?: number
  /** The part of the change set to compute; all of it when absent. */
  readonly slice?: KeySlice
}

/** A spec whose change set is written to a plan table. */
export type StoredDiffSpec = DiffSpec & { readonly plan: TableRef }

/** Rows whose key is after one text and up to another. The first slice also holds rows without a key. */
export interface KeySlice {
  readonly after?: string
  readonly upTo?: string
  /** Positions taken by the slices before. */
  readonly seqOffset: number
}

/**
 * Stands in `sent_values` for a value that may or may not have reached HubSpot: equal to nothing a model can hold,
 * so that the property is sent again, or cleared, whatever the model says next.
 */
export const doubt = '\u0001'

/** Begins a text that says why a template has no value. No value begins so. */
export const unrenderable = '\u0001'

import type { LatestWrite } from '../../destination/destination.ts'
import { audited } from '../../plan/audited.ts'
import type { DriftMark, Mending } from '../../record/drift-marks.ts'
import type { AuditValues } from '../../types.ts'

/**
 * What differs from what was sent.
 *
 * - `changed`: a property holds something else.
 * - `archived`, `gone`: the record is in HubSpot's recycling bin, or not even there.
 * - `merged`: the record was merged into another one.
 * - `unlinked`, `relabelled`: a link was taken off, or lost a label that was set.
 * - `removed`, `added`: the record is no member of the list any more; of mode `remove`, is one again.
 */
export const driftKinds = [
  'changed',
  'archived',
  'gone',
  'merged',
  'unlinked',
  'relabelled',
  'removed',
  'added',
] as const

export type DriftKind = (typeof driftKinds)[number]

/** One thing that differs. Values are as `audit.values` allows: null where it allows none. */
export interface Difference {
  readonly kind: DriftKind
  readonly rowId: string
  readonly recordId: string
  /** Of `changed`. */
  readonly property?: string
  readonly expected?: string | null
  readonly held?: string | null
  /** Who wrote what is there; absent where HubSpot does not say. */
  readonly by?: Omit<LatestWrite, 'value'>
  /** Of `archived`: when. */
  readonly archivedAtMs?: number
  /** Of `merged`: the record that survived, and the other row that is bound to it, if one is. */
  readonly into?: string
  readonly takenBy?: string
  /** Of links, in HubSpot's words for their labels; none is the unlabelled link. */
  readonly link?: {
    readonly association: string
    /** What the row says; a value that the record is looked up by as `audit.values` allows. */
    readonly target: string | null
    readonly targetRecordId: string
    readonly labels: readonly string[]
    readonly heldLabels: readonly string[]
  }
}

/** Where comparisons put what they find. */
export interface Findings {
  readonly mending: Mending | undefined
  readonly auditValues: AuditValues
  /** Tells of a difference. */
  found(difference: Difference): Promise<void>
  /** The app itself wrote what is there: HubSpot spells it its own way, or another sync sent it. */
  foundOwn(values: number): void
  /** A row, or link, that is to be mended. */
  mark(mark: DriftMark): void
  /** One that cannot be. */
  leave(): void
  /** Rows of whose record HubSpot says nothing, or links of which it does not say whether they stand: that is no word that they are gone. */
  miss(thing: 'row' | 'link', count: number): void
  /** So many more are compared, and what was marked of them is stored. */
  keep(compared: { readonly rows?: number; readonly links?: number }): Promise<void>
}

/** Categories of the audit. */
export const categoryOf = (kind: DriftKind): string => `${kind.toUpperCase()}_IN_HUBSPOT`

/** Values by property as the audit may show them. */
export function auditedAll(
  values: readonly (readonly [property: string, value: string])[],
  auditValues: AuditValues,
): Readonly<Record<string, string>> | null {
  if (auditValues === 'none') return null
  return Object.fromEntries(
    values.map(([name, value]) => [name, audited(value, auditValues) ?? '']),
  )
}

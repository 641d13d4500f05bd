/** What selections choose from: a sync, or what could not become one. */
export interface Selectable {
  readonly name: string
  readonly model: { readonly uniqueId: string; readonly name: string }
  /** `unique_id` of the exposure that holds it, if one does. */
  readonly exposure?: string
  /** As the user wrote it. */
  readonly object?: string
  readonly mode?: string
}

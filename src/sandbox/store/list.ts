/** HubSpot's word for how a list gets its members. */
export type ProcessingType = 'MANUAL' | 'SNAPSHOT' | 'DYNAMIC'

/** A list ("segment") of records of one object type. */
export interface StoredList {
  readonly listId: string
  name: string
  readonly objectTypeId: string
  processingType: ProcessingType
  readonly createdAt: number
  updatedAt: number
  /** Deleted lists can be restored for 90 days. */
  deletedAt: number | undefined
  version: number
  /** Record id → since when. Records that are archived or merged away stay in it, and are not shown. */
  readonly members: Map<string, number>
}

/** The lists of a portal by id, deleted ones included. */
export type Lists = Map<string, StoredList>

/** A list as tests and the admin surface see it. */
export interface SandboxList {
  readonly listId: string
  readonly name: string
  readonly objectTypeId: string
  readonly processingType: ProcessingType
  readonly isDeleted: boolean
  /** Record ids, in order. */
  readonly members: readonly string[]
}

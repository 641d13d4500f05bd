import type { Problem } from '../errors.ts'
import type { Mode, PropertyDefinition, Start } from '../types.ts'
import type { AskedRow } from './asked-rows.ts'
import type { MatchKind } from './diff-spec.ts'
import type { TrippedGuard } from './guards.ts'
import type { DefinitionEdit } from './sync-definition.ts'

/** What a run of one sync would do. Versioned plain data: `plan --output json` prints it. */
export interface Plan {
  readonly version: 1
  readonly sync: string
  readonly runId: string
  readonly model: string
  readonly object: string
  /** Present for a sync of events, or of a list. */
  readonly type?: 'event' | 'list'
  /** Present for a sync of a list. */
  readonly list?: PlannedList
  readonly mode: Mode
  /** How rows find their records; null when they do not. */
  readonly matchedBy: MatchKind | null
  /** What is worth knowing about the sync before it runs. */
  readonly warnings: readonly Problem[]
  /** Which rows an insert takes as known without sending; the number is `operations.skip`. */
  readonly start: 'all' | Start['kind']
  readonly isFirstRun: boolean
  /** The session may create no scratch table: the changes were counted, and cannot be listed. */
  readonly isCountOnly: boolean
  /** Templates were not rendered, as a count of changes cannot: there are no more changes than these. */
  readonly isUpperBound?: true
  /** Only there, and true, where a lock was read in place of HubSpot (`--offline`). */
  readonly isOffline?: true
  readonly rows: {
    readonly inModel: number
    readonly known: number
    readonly unchanged: number
    /** Left alone because HubSpot refused them too often; they are tried again when they change. */
    readonly parked: number
    /** Rows that may have been written and cannot be repeated safely: nothing is done about them. */
    readonly unknown: number
    readonly returned: number
    /** Rows that a run tries to send, and that nobody counts on: those of `waits`. No operation counts them. */
    readonly waiting: number
    /** Rows that have nothing left to send once their bad values are dropped; they count as unchanged. */
    readonly onlyDropped: number
  }
  readonly operations: OperationCounts
  readonly rejects: readonly { readonly reason: string; readonly rows: number }[]
  /** Rows whose record was not there so far: why, most frequent first. */
  readonly waits: readonly { readonly reason: string; readonly rows: number }[]
  readonly removals: PlannedRemovals
  /** Bad values that are left out of the rows looked at (`on_invalid: drop_property`), most frequent first. */
  readonly dropped: readonly DroppedValues[]
  readonly calls: Calls
  /** Properties that a run makes first; the rest of the plan takes them for made. Absent for none. */
  readonly creates?: readonly PropertyDefinition[]
  /** Full name of the event that a run makes first; absent where it is there. */
  readonly createsEvent?: string
  /** Links to other records; absent where the sync has none. */
  readonly links?: PlannedLinks
  /** Rows that move `lifecyclestage` to an earlier one, or may; absent for none. */
  readonly backwards?: Backwards
  readonly guards: readonly TrippedGuard[]
  /** With another target's state: keys of the sync that its last run had otherwise; absent where nothing tells. */
  readonly edits?: readonly DefinitionEdit[]
  /** One per row that `--row` asked for. */
  readonly asked?: readonly AskedRow[]
  /** Bytes that the warehouse bills for a run of this plan; only where it bills bytes and was asked. */
  readonly bytesBilled?: number
}

/** The list whose members change. */
export interface PlannedList {
  /** Null where a run makes it first. */
  readonly id: string | null
  readonly name: string
  /** Members that it has now, as HubSpot says; null where it does not. */
  readonly size: number | null
  /** Everybody who is not in the model is removed. */
  readonly isExact: boolean
  /**
   * Of an exact list: write calls, the most there can be, that make it what the model says where somebody changed it. They are not among the
   * calls of the plan: only a run reads the members.
   */
  readonly corrections?: number
}

/** What of the removals (`clear` and `archive` of `operations`) needs more words than a count. */
export interface PlannedRemovals {
  /** Rows that left whose record stays although `on_delete` says more, by reason. */
  readonly kept: readonly { readonly reason: string; readonly rows: number }[]
  /** For how long HubSpot's recycling bin gives an archived record back. */
  readonly restorableForDays: number
}

/** HubSpot restores deleted records for 90 days (developers.hubspot.com/docs/api-reference/latest/crm/objects, checked 2026-11-23). */
export const restorableForDays = 90

/** HubSpot ignores a stage that is earlier than the record's, unless it is cleared first. */
export interface Backwards {
  readonly rows: number
  /** Rows whose record may have a later stage: nobody knows yet, and it is read before they are sent. */
  readonly unknownRows: number
  /** Calls that clear it first, the most there can be; 0 where the sync does not say `allow_backwards`. */
  readonly clearingCalls: number
  /** Calls that read the stages of those records. */
  readonly lookups: number
}

export interface DroppedValues {
  readonly property: string
  readonly values: number
}

/** Rows per operation. `upsert` is "create or update": HubSpot decides. */
export interface OperationCounts {
  readonly create: number
  readonly upsert: number
  readonly update: number
  /** Events. */
  readonly send: number
  /** Members of a list. */
  readonly add: number
  readonly remove: number
  readonly clear: number
  readonly archive: number
  /** Left the model, nothing is done in HubSpot. */
  readonly leave: number
  readonly skip: number
  readonly reject: number
  /** Only the state is brought up to date: HubSpot already has these values. */
  readonly refresh: number
}

/** What is done about the links of a sync, by entry of `associations:`. */
export interface PlannedLinks {
  readonly entries: readonly {
    readonly association: string
    readonly object: string
    /** Made, or given other labels. */
    readonly add: number
    readonly remove: number
    /** The record at the other end is not there yet. */
    readonly wait: number
    /** Those of them that a run tries all the same: their row of the other sync takes part, and was refused so far. */
    readonly tried: number
    /** Links that have waited before, or are parked, and that are left as they are. */
    readonly waiting: readonly StandingLinks[]
    /** Asked for no more; nothing is done. */
    readonly release: number
    /** Those of them that `on_removed: remove` would take off, were it known that Backhaul made them. */
    readonly stay: number
    /** Those to be added, by their labels; an empty list is the unlabelled link. */
    readonly labels: readonly { readonly labels: readonly string[]; readonly links: number }[]
    /** A row that a link waits for. */
    readonly missing?: { readonly sync: string; readonly row: string }
  }[]
  readonly calls: LinkCalls
}

/** Links that are not there, for one reason; nothing is done about them. */
export interface StandingLinks {
  readonly status: 'pending' | 'parked'
  readonly reason: string
  readonly links: number
  readonly exampleRowId: string
}

/** Calls for links; they are part of the calls of the plan. */
export interface LinkCalls {
  readonly writes: number
  /** Calls that read which labels others have set. */
  readonly reads: number
  /** Look-ups of records at the other end. */
  readonly lookups: number
}

export interface Calls {
  readonly writes: number
  /** Look-ups before writing. */
  readonly lookups: number
  /** Searches before writing; further pages are asked for only where several records share a value. */
  readonly searches: number
}

/** What planning found out; `Plan` without the words around it. */
export interface Diff {
  readonly rowsInModel: number
  readonly knownRows: number
  readonly parked: number
  /** Those of the parked rows that have left the model. */
  readonly parkedRemovals: number
  readonly unknown: number
  readonly returned: number
  readonly operations: OperationCounts
  readonly unboundUpdates: number
  /** Rows that are looked up for the sake of `write:`, by match value and by record id. */
  readonly policyRows: { readonly byMatch: number; readonly byId: number }
  readonly rejects: readonly { readonly reason: string; readonly rows: number }[]
  /** Rows that left whose record stays although `on_delete` says more, by reason. */
  readonly kept: readonly { readonly reason: string; readonly rows: number }[]
  /** Rows that a run tries to send, and that nobody counts on, by reason. */
  readonly waits: readonly { readonly reason: string; readonly rows: number }[]
  readonly dropped: readonly DroppedValues[]
  readonly onlyDropped: number
  readonly backwards?: Backwards
  readonly links?: PlannedLinks
  /** One per row of `onlyRows`. */
  readonly asked?: readonly AskedRow[]
}

/** Links of a plan by what is done about them. */
export function linkTotals(links: PlannedLinks | undefined): {
  readonly add: number
  readonly remove: number
  readonly wait: number
  readonly tried: number
  /** Those that have waited before, too. */
  readonly waiting: number
  readonly parked: number
} {
  const entries = links?.entries ?? []
  const sum = (of: 'add' | 'remove' | 'wait' | 'tried') =>
    entries.reduce((total, entry) => total + entry[of], 0)
  const standing = (wanted: StandingLinks['status']) =>
    entries
      .flatMap(({ waiting }) => waiting)
      .reduce((total, { status, links: some }) => total + (status === wanted ? some : 0), 0)
  const wait = sum('wait')
  return {
    add: sum('add'),
    remove: sum('remove'),
    wait,
    tried: sum('tried'),
    waiting: wait + standing('pending'),
    parked: standing('parked'),
  }
}

/** Changes that a plan lists: what becomes of rows and of links, but for rows of which only the state is brought up to date. */
export function countListed({ operations: { refresh: _, ...counted }, rows, links }: Plan): number {
  const ofRows = Object.values(counted).reduce(
    (sum, count) => sum + count,
    rows.onlyDropped + rows.waiting,
  )
  return (links?.entries ?? []).reduce(
    (sum, { add, remove, wait, release }) => sum + add + remove + wait + release,
    ofRows,
  )
}

/** Whether a run of the plan has something to record. */
export const hasChanges = (plan: Plan): boolean => countListed(plan) + plan.operations.refresh > 0

import type { AuditValues, Mode, NullPolicy, OnDelete, OnInvalid, WritePolicy } from '../types.ts'
import type { Column, TableRef, WireForm } from '../warehouse/dialect.ts'
import type { Lookup } from './values/lookups.ts'
import type { ValueLimit } from './values/value-limits.ts'

/** One mapped property, checked against the portal and the catalog. */
export interface DiffProperty {
  readonly name: string
  readonly source:
    | {
        readonly kind: 'column'
        readonly column: Column
        readonly wire: WireForm
        /** What the column holds stands for something else. */
        readonly lookup?: Lookup
      }
    | { readonly kind: 'value'; readonly value: string }
    | { readonly kind: 'row_id' }
  /** `keep` also for the match property, required ones and those with `write`: they are never cleared, by whatever. */
  readonly nulls: NullPolicy
  readonly onInvalid: OnInvalid
  /** Absent: always. `create_only` has no value once the row is bound; `if_empty` may be taken out by a look-up. */
  readonly write?: Exclude<WritePolicy, 'always'>
  /** `on_delete: clear` empties it. */
  readonly isClearable?: boolean
  /** Allowed values; absent when any is. */
  readonly options?: readonly string[]
  /** What people write for an option, in lower case, and the option: for "did you mean". */
  readonly spellings?: readonly (readonly [spelling: string, option: string])[]
  /** What HubSpot refuses of values that have the right form. */
  readonly limits?: readonly ValueLimit[]
  /** Stages that HubSpot only moves forward through, in order. */
  readonly stages?: readonly string[]
  /** A stage that moves backwards is cleared first, which takes a call of its own. */
  readonly clearsFirst?: true
  /** Of values that are the same, HubSpot takes one; absent for the match property, which has rules of its own. */
  readonly isUnique?: boolean
  /** An e-mail address: compared, and sent, trimmed and in lower case, as HubSpot keeps it. */
  readonly isEmail?: boolean
  /** The text of a template: where it begins with `unrenderable`, it says why there is none. */
  readonly isRendered?: true
  /** Only rows that left are looked at: the others get its text when it is rendered. */
  readonly isDeparting?: true
  /** Of events: what a row was first meant to be sent with stays, whatever became of it. */
  readonly stays?: 'uuid' | 'moment'
  /** Full names of the events that have it, where rows of others have none. */
  readonly onlyOf?: readonly string[]
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

/**
 * How a row finds its record: by a property with unique values, by the record id in the column, or by a search, because
 * several records may have the value.
 */
export type MatchKind = 'unique' | 'record_id' | 'search'

export interface DiffMatch {
  readonly by: MatchKind
  readonly property: string
  readonly column: Column
  readonly wire: WireForm
  /** HubSpot finds the value whatever its case. */
  readonly foldsCase: boolean
  /** HubSpot keeps the bare domain of whatever address it is given: nothing else would be found again. */
  readonly isDomain?: boolean
}

/** Rows that the first run met (`runId`; none yet: those that it meets now), or those before a moment. */
export type DiffStart =
  | { readonly kind: 'now'; readonly firstRunId: string | undefined }
  | {
      readonly kind: 'from'
      readonly column: Column
      readonly wire: WireForm
      readonly from: string
    }

/** How a row finds the record that it is about: of an event, or as the member of a list. */
export interface EventContact {
  readonly by: 'email' | 'id' | 'utk' | 'sync'
  /** Of `sync` the key of a row of that sync; else one. */
  readonly columns: readonly Column[]
}

/**
 * What makes the rows of a sync events: each is sent once, as a whole, and never compared again. Its `match_value` is what says
 * whom it is about.
 */
export interface DiffEvent {
  readonly contact: EventContact
  /** Goes into the uuid. */
  readonly syncName: string
}

/** What makes the rows of a sync members of a list. Their `match_value` is what finds their records. */
export interface DiffList {
  readonly contact: EventContact
  /** What a row of the model asks for. */
  readonly operation: 'add' | 'remove'
  /** Members that others added are removed, too. */
  readonly isExact: boolean
  /** Backhaul made the list, or will. */
  readonly isMadeHere?: boolean
  /** State of the sync whose rows are the members: a row that has another record there is looked at again. */
  readonly records?: TableRef
}

/** What stands in the place of properties in a sync of a list: the list's name. */
export const listParts = { list: '_list' } as const

/** Parts of an event beside HubSpot's properties, whose names begin with a letter. */
export const eventParts = {
  name: '_event',
  uuid: '_uuid',
  occurredAt: '_occurred_at',
} as const

/** An entry of `associations:`, checked against the portal and the catalog. */
export interface DiffLink {
  /** As in `links__<sync>`, e.g. `companies/sync:account_id`: the other object, and how its record is found. Unique in a sync. */
  readonly association: string
  /** Object at the other end: path segment, and objectTypeId. */
  readonly object: string
  readonly objectTypeId: string
  readonly target:
    | { readonly kind: 'sync'; readonly sync: string; readonly columns: readonly Column[] }
    | { readonly kind: 'id'; readonly column: Column }
    | {
        readonly kind: 'match'
        readonly by: Exclude<MatchKind, 'record_id'>
        readonly property: string
        readonly column: Column
        readonly foldsCase: boolean
        readonly isDomain?: true
      }
  /** Separator of text that holds several targets or labels. */
  readonly split?: string
  /** Labels of a link whose value names none of its own: types (as `LinkTypeText`; none for the unlabelled link), or a column of label texts. */
  readonly labels:
    | { readonly kind: 'types'; readonly types: readonly LinkTypeText[] }
    | { readonly kind: 'column'; readonly column: Column }
  /** All labels of these two objects: as people may write them (trimmed, case matters), and the type as `LinkTypeText`. */
  readonly lookup: Lookup
  /** Type of the unlabelled link. */
  readonly plainType: LinkTypeText
  readonly onRemoved: 'keep' | 'remove'
}

/** A type of link as one text, `category:typeId`, e.g. `USER_DEFINED:37`. */
export type LinkTypeText = `${string}:${number}`

/** All that the diff of one sync needs to know. Plain data. */
export interface DiffSpec {
  readonly runId: string
  /** Relation as dbt wrote it, and the user's filters over it. */
  readonly relation: string
  readonly filters: readonly string[]
  readonly keyColumns: readonly Column[]
  readonly match?: DiffMatch
  /** Present where the rows are events; the mode is insert then. */
  readonly event?: DiffEvent
  /** Present where the rows are members of a list. */
  readonly list?: DiffList
  /** Insert mode: rows that are taken as known without being sent. */
  readonly start?: DiffStart
  /** Links to other records; absent where there are none. Their columns are part of the fingerprint. */
  readonly links?: readonly DiffLink[]
  /** The table of links; undefined before the first run that has some. */
  readonly linksTable?: TableRef
  /** Entries whose links are known by another name; absent where there are none. */
  readonly renamedLinks?: readonly RenamedLink[]
  /** Rows of the sync that events or members go by: what has no record there, and gets none in this run, waits. */
  readonly contactRows?: OtherRows
  /** HubSpot is asked whether it knows whom rows are about: those of which it did not are asked about again, and not counted on. */
  readonly asksForContacts?: true
  /** Syncs whose rows links lead to. */
  readonly linkTargets?: readonly LinkTargetSync[]
  /** Sorted by name. */
  readonly properties: readonly DiffProperty[]
  /** Properties that are rendered by us when the rest of the change set is there; absent where there are none. */
  readonly templates?: readonly TemplateProperty[]
  readonly mode: Mode
  readonly onDelete: OnDelete
  /** `onDelete: 'delete'` goes for records that this sync did not create, too. */
  readonly deletesAdopted?: boolean
  /** Other syncs that may hold the record of a row that left; asked only when something would be removed. */
  readonly others?: readonly OtherSync[]
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
  /** Unique properties of which a value occurs in several rows; absent for none. */
  readonly repeatedValues?: readonly string[]
  /** Of each group a row that may become a record needs a value; absent for none. */
  readonly requiredGroups?: readonly (readonly string[])[]
  /** Properties of these groups that are not looked at here, because the plan has them already: columns of the candidates. */
  readonly planned?: readonly string[]
  readonly isFullRefresh: boolean
  /** Only rows that have no record yet: those are looked for, and nothing is sent. Nothing is treated as gone. */
  readonly isAdoption?: true
  /** `--row` and `--limit`: nothing is treated as gone. */
  readonly onlyRows?: readonly string[]
  readonly limit?: number
  /** A row is explained, not sent: what a whole run would take off of it is told, too. */
  readonly isExplained?: true
  /** The part of the change set to compute; all of it when absent. */
  readonly slice?: KeySlice
}

/** Another sync of the same object type in the same portal, as far as it says who holds a record. */
export interface OtherSync {
  readonly syncName: string
  /** Absent before its first run. */
  readonly state?: TableRef
  /**
   * What it reads: a row that is not there any more lets its record go. Absent where the sync takes no part, so that its state
   * stands as it is.
   */
  readonly model?: Pick<DiffSpec, 'relation' | 'filters' | 'keyColumns'> & {
    /** Set where its rows find records by the same property as ours, or name them by id: a row that is new to it will hold the record. */
    readonly match?: NonNullable<DiffSpec['match']>
    /** Properties that it sends. */
    readonly properties: readonly string[]
  }
}

/** An entry by its name now, and by the name under which its links are known. */
export interface RenamedLink {
  readonly from: string
  readonly to: string
}

/** Why a row is not counted on, although a run tries to send it. */
export const waitReasons = ['no_contact_yet', 'unknown_contact', 'unknown_member'] as const

/** A sync whose rows links lead to. */
export interface LinkTargetSync extends OtherRows {
  readonly syncName: string
}

/** Rows of a sync whose records another one asks for. */
export interface OtherRows {
  /** Absent before its first run. */
  readonly state?: TableRef
  /** What it reads, where it takes part in the run: its rows may have a record by the time that they are asked for. */
  readonly model?: Pick<DiffSpec, 'relation' | 'filters' | 'keyColumns'>
  /** Its change set, where it is planned already: what that rejects or skips gets no record in this run. */
  readonly planned?: { readonly table: TableRef; readonly runId: string }
}

/** What says which record a row is about, where rows are no records themselves. */
export const contactIn = ({
  event,
  list,
}: Pick<DiffSpec, 'event' | 'list'>): EventContact | undefined => event?.contact ?? list?.contact

/** Properties with a column or a constant, and those with a template. */
export const allProperties = ({
  properties,
  templates = [],
}: Pick<DiffSpec, 'properties' | 'templates'>): readonly DiffProperty[] => [
  ...properties,
  ...templates.map(({ property }) => property),
]

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

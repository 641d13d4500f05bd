/**
 * The vocabulary. Types only; every word is defined in `docs/glossary.md`.
 * Rows and columns live in the warehouse, records and properties in HubSpot.
 * One file although it is long: half of it are the comments that define the words, and whoever looks a word up looks here.
 */

/** Where something was written, so that an error can point at it. Lines and columns count from 1. */
export interface Origin {
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** Path inside the document, e.g. `models[0].config.meta.hubspot.properties.email`. */
  readonly path?: string
}

/** Milliseconds since the epoch; `Date.now` in production. */
export type Clock = () => number

/** Resolves after `ms`; rejects with the signal's reason when it is aborted first, and leaves no timer behind. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>

// ---------------------------------------------------------------- dbt

/** A node of dbt's manifest that can be synced, with only the fields that are used. */
export interface Model {
  readonly uniqueId: string
  readonly name: string
  readonly resourceType: 'model' | 'seed' | 'snapshot'
  readonly packageName: string
  /** Folder path and name as dbt selects by, e.g. `['shop', 'marts', 'hubspot_contacts']`. */
  readonly fqn: readonly string[]
  readonly tags: readonly string[]
  readonly materialized: string
  /** Fully qualified and already quoted by dbt; absent for ephemeral models. Used verbatim in SQL. */
  readonly relationName?: string
  /** dbt's target schema for this node. */
  readonly schema: string
  readonly database?: string
  /** Set when the node's config names a schema or database, so that it need not be the target's. */
  readonly hasOwnSchema?: true
  /** Path of the SQL (or CSV) file, relative to the project folder. */
  readonly originalFilePath: string
  /** Path of the YAML that describes the node, relative to the project folder. */
  readonly patchPath?: string
  /** Columns that dbt inferred as the primary key (dbt ≥ 1.9); empty when unknown. */
  readonly primaryKey: readonly string[]
  /** Present on snapshots: which of the history's rows are current. */
  readonly currentRows?: CurrentRows
  readonly meta: Readonly<Record<string, unknown>>
  readonly columns: readonly ModelColumn[]
  /** Places that dbt keeps but that are not `meta`, where a sync was found, e.g. `config.hubspot`. */
  readonly misplaced?: readonly string[]
  readonly dependsOn: readonly string[]
  /** Name of its dbt group. */
  readonly group?: string
  /** `private`, `protected` or `public`; absent where dbt does not say. */
  readonly access?: string
  /** dbt's version of the model; `isLatestVersion` is true for unversioned models. */
  readonly version?: string
  readonly isLatestVersion: boolean
}

export interface ModelColumn {
  readonly name: string
  readonly meta: Readonly<Record<string, unknown>>
  readonly misplaced?: readonly string[]
}

/**
 * A snapshot's row is current when `validToColumn` is NULL or equals `validToCurrent`, and `deletedColumn` (if any)
 * does not hold the text `True`. Column names are as dbt was told: matched to the catalog like any other column.
 */
export interface CurrentRows {
  readonly validToColumn: string
  /** SQL expression of `dbt_valid_to_current`, spliced in parentheses: it is the user's own SQL. */
  readonly validToCurrent?: string
  /** Set when the snapshot adds a row for each deleted key (`hard_deletes: new_record`). */
  readonly deletedColumn?: string
}

/** dbt's manifest, with only what is used of it. */
export interface Manifest {
  readonly path: string
  readonly dbtVersion: string
  /** Number in `dbt_schema_version`, e.g. 12; undefined when the file does not say. */
  readonly schemaVersion: number | undefined
  readonly adapterType: string | undefined
  /** From dbt 1.6 on; for older manifests the package of most models. */
  readonly projectName: string | undefined
  readonly generatedAt: string | undefined
  readonly invocationId: string | undefined
  /** Variables given to dbt as `DBT_ENV_CUSTOM_ENV_…`, without that prefix. */
  readonly env: Readonly<Record<string, string>>
  /** Models, seeds and snapshots by `unique_id`. */
  readonly models: ReadonlyMap<string, Model>
  readonly exposures: readonly Exposure[]
  readonly groups: readonly Group[]
  readonly tests: readonly Test[]
  /** Disabled nodes and exposures. */
  readonly disabled: readonly Disabled[]
  /** What dbt made of selectors.yml, by name; read by `selection/`. */
  readonly selectors?: Readonly<Record<string, unknown>>
}

/** An exposure, the second home of a sync. */
export interface Exposure {
  readonly uniqueId: string
  readonly name: string
  readonly packageName: string
  readonly originalFilePath: string
  readonly fqn: readonly string[]
  readonly tags: readonly string[]
  readonly meta: Readonly<Record<string, unknown>>
  readonly misplaced?: readonly string[]
  readonly dependsOn: readonly string[]
  /** Names in `ref()`, for telling what a missing parent was called. */
  readonly refs: readonly string[]
}

/** Who answers for something in the dbt project. */
export interface DbtOwner {
  readonly name?: string
  readonly email?: string
}

/** A group of models, known by its name in its package. */
export interface Group {
  readonly name: string
  readonly packageName: string
  readonly owner: DbtOwner
}

/** A data test or unit test. */
export interface Test {
  readonly uniqueId: string
  readonly name: string
  readonly kind: 'data' | 'unit'
  /** The tested node, where dbt says so. */
  readonly attachedNode?: string
  readonly dependsOn: readonly string[]
}

export interface Disabled {
  readonly uniqueId: string
  readonly name: string
  /** True when the disabled node carries a sync of its own. */
  readonly hasSync: boolean
}

// ---------------------------------------------------------------- syncs

/** `mirror`, `add` and `remove` are those of lists: rows are added and removed, only added, or only removed. */
export type Mode = 'upsert' | 'update' | 'insert' | 'mirror' | 'add' | 'remove'
export type OnDelete = 'nothing' | 'clear' | 'delete'
export type NullPolicy = 'clear' | 'clear_always' | 'keep'
export type WritePolicy = 'always' | 'create_only' | 'if_empty'
export type OnInvalid = 'reject_row' | 'drop_property'
/** What audit tables keep of values: as they are, as digests, or nothing. */
export type AuditValues = 'full' | 'hashed' | 'none'

/** `audit.requests`: which API calls are kept, and with their bodies when `full`. */
export type AuditRequests = 'none' | 'errors' | 'summary' | 'full'
/** How the user overrides the cast of a value (`as:`). */
export type As =
  | 'text'
  | 'number'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'epoch_s'
  | 'epoch_ms'
  | 'option_label'
  | 'owner_email'
  | 'multi'

export type MappingSource =
  | {
      readonly kind: 'column'
      readonly column: string
      readonly as?: As
      readonly timezone?: string
    }
  | { readonly kind: 'value'; readonly value: string }
  | {
      readonly kind: 'template'
      readonly template: string
      /** Of zone-less timestamps that the template reads. */
      readonly timezone?: string
    }
  /** The row id itself: what `tracking_property` holds. */
  | { readonly kind: 'row_id' }

/** Rows that an insert takes as known without sending them: those of the first run; those whose `column` is NULL or before `from` (ISO 8601, UTC). */
export type Start =
  | { readonly kind: 'now' }
  | {
      readonly kind: 'from'
      readonly column: string
      readonly from: string
      readonly timezone?: string
      readonly origin: Origin
    }

/** One property of the record and where its value comes from. */
export interface Mapping {
  readonly property: string
  readonly source: MappingSource
  readonly nulls: NullPolicy
  readonly write: WritePolicy
  readonly onInvalid: OnInvalid
  /** What the sync says of a property that HubSpot may not have; absent where it says nothing. */
  readonly definition?: PropertyDraft
  /** The property is cleared first where its value moves backwards (`lifecyclestage`). */
  readonly allowsBackwards?: true
  /** Other syncs may write the property, too. */
  readonly isShared?: true
  /** Where it stands in the sync: `match`, or `properties.<name>`. */
  readonly key: string
  readonly origin: Origin
}

/** How a property is made where HubSpot does not have it, as far as the sync says. */
export interface PropertyDraft {
  /** A run makes it. */
  readonly isCreated: boolean
  readonly type?: string
  readonly options?: readonly { readonly value: string; readonly label: string }[]
  readonly isUnique: boolean
}

/** The body of the request that makes a property. */
export interface PropertyDefinition {
  readonly name: string
  readonly label: string
  readonly type: string
  readonly fieldType: string
  readonly groupName: string
  readonly options?: readonly {
    readonly label: string
    readonly value: string
    readonly hidden: boolean
    readonly displayOrder: number
  }[]
  readonly hasUniqueValue?: true
  /** Options live elsewhere, in the objects of that type. */
  readonly externalOptions?: true
  readonly referencedObjectType?: 'OWNER'
}

/** A limit as a count of rows or as a share of the rows known to the state (0–1). */
export type Threshold = { readonly rows: number } | { readonly share: number }

export interface Guards {
  readonly maxDeletes?: Threshold
  readonly maxChanges?: Threshold
  readonly minRows?: number
}

/** How a row finds the record that it is about: of an event, or as the member of a list. */
export type RecordTarget =
  /** A contact by its e-mail address, or of an event by the token of a visitor. */
  | { readonly kind: 'email' | 'utk'; readonly column: string }
  /** `object` as the user wrote it; `contacts` for a contact. */
  | { readonly kind: 'id'; readonly object: string; readonly column: string }
  /** The record of a row of another sync. */
  | { readonly kind: 'sync'; readonly sync: string; readonly key: readonly string[] }

/** What a sync of type `event` says beside its properties. */
export interface EventSource {
  /** Internal or full name: one for all rows, or in a column. */
  readonly name:
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'column'; readonly column: string }
  /** Absent: the moment at which the event is first planned to go. */
  readonly occurredAt?: {
    readonly column: string
    readonly as?: Extract<As, 'datetime' | 'epoch_s' | 'epoch_ms'>
    readonly timezone?: string
  }
  readonly about: RecordTarget
  /** `about` or a key in it: where it is written. */
  readonly origins: Readonly<Record<'event' | 'occurred_at' | 'about', Origin>>
  /** The key that says what the event is about. */
  readonly aboutKey: 'contact' | 'record'
  /** A contact that HubSpot does not know is made; else the row is rejected. */
  readonly createsContacts: boolean
  /** The definition, and properties that it lacks, are made. */
  readonly createsDefinition: boolean
}

/** How a link finds the record at its other end. */
export type LinkTarget =
  /** The record of a row of another sync, or of this one: columns that hold that sync's primary key. */
  | { readonly kind: 'sync'; readonly sync: string; readonly key: readonly string[] }
  /** A column of record ids. */
  | { readonly kind: 'id'; readonly column: string }
  /** Looked up in HubSpot; `property` is never `hs_object_id`. */
  | { readonly kind: 'match'; readonly property: string; readonly column: string }

/** Which labels a link has; a value that names its own (`{"value", "label"}`) has those. */
export type LinkLabels =
  | { readonly kind: 'static'; readonly labels: readonly string[] }
  /** A column of one label, a list of them, or text with `split`. */
  | { readonly kind: 'column'; readonly column: string }
  /** As written: a column of the model where it has one of that name, else a label for all. */
  | { readonly kind: 'either'; readonly text: string }

/** An entry of `associations:`. */
export interface Association {
  /** Object at the other end, as the user wrote it. */
  readonly to: string
  readonly target: LinkTarget
  /** Separator of a text that holds several targets or labels. */
  readonly split?: string
  /** Absent: the unlabelled link, where the value does not say otherwise. */
  readonly labels?: LinkLabels
  /** Type of link by name, label or id, in place of HubSpot's default one; never beside labels. */
  readonly type?: string | number
  readonly onRemoved: 'keep' | 'remove'
  /** Where it stands in the sync, e.g. `associations[0]`. */
  readonly key: string
  readonly origin: Origin
}

/** What a sync of type `list` says of the list and its members. */
export interface ListSource {
  readonly target:
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'id'; readonly listId: string }
  readonly about: RecordTarget
  /** The key that says which record a row is. */
  readonly aboutKey: 'contact' | 'record'
  /** A list of that name that Backhaul did not make is taken over. */
  readonly adopts: boolean
  /** Members that are not in the model are removed, whoever added them. */
  readonly isExact: boolean
  /** Where it is written; the sync itself for what is not. */
  readonly origins: Readonly<Record<'list' | 'about', Origin>>
  /** Other syncs that must not keep the same list: whether one does is known when HubSpot has been asked. Absent for none. */
  readonly rivals?: readonly ListRival[]
}

/** Another sync that keeps a list. */
export interface ListRival extends Pick<ListSource, 'target'> {
  readonly name: string
  readonly previousName?: string
  /** Where it is written, as messages say it. */
  readonly place: string
}

/** A normalised sync: one model to one HubSpot object type, to behavioural events, or to the members of a list. */
/** A node of dbt, or a test of it, that holds a sync. */
export interface HoldCause {
  /** `unique_id` of the model, seed, snapshot or source. */
  readonly node: string
  /** `unique_id` of its test that failed. */
  readonly test?: string
  /** dbt's word for how it ended. */
  readonly status: string
}

/** What dbt has to say about its last build before the sync may run. */
export interface SyncGate {
  /** `tests`: the model was built, and no test of it failed or was skipped; `build`: it was built; `off`: nothing. */
  readonly check: 'tests' | 'build' | 'off'
  /** `unique_id`s of what the model is made of, and that has to be well, too. */
  readonly upstream: readonly string[]
}

export interface Sync {
  readonly name: string
  readonly type: 'object' | 'event' | 'list'
  readonly model: Model
  /** `unique_id` of the exposure that it is written on; absent when it is on the model. */
  readonly exposure?: string
  /** As the user wrote it: plural name, objectTypeId or fully qualified custom object name; of events their name, or `events`. */
  readonly object: string
  /** Present for type `event`, whose mode is always `insert`. */
  readonly event?: EventSource
  /** Present for type `list`; `object` is that of its members. */
  readonly list?: ListSource
  readonly mode: Mode
  readonly primaryKey: readonly string[]
  /** True when dbt inferred the key; it is pinned at the first run like any other. */
  readonly isKeyInferred: boolean
  /** `property` is `hs_object_id` where the column holds record ids. */
  readonly match?: { readonly property: string; readonly column: string }
  /** Absent: every row is sent. */
  readonly start?: Start
  /** Property with unique values that holds the row id: creates are upserts by it. It is among the mappings. */
  readonly trackingProperty?: string
  /** SQL predicate over the model, spliced in parentheses: it is the user's own SQL. */
  readonly where?: string
  /** Sorted by property; the match property is always among them. */
  readonly mappings: readonly Mapping[]
  /** Links to other records, in the user's order; empty for other types. */
  readonly associations: readonly Association[]
  readonly onDelete: OnDelete
  /** `onDelete: 'delete'` goes for records that this sync did not create, too. */
  readonly deletesAdopted: boolean
  readonly guards: Guards
  /** Content rejections before a row is parked. */
  readonly maxAttempts: number
  /** Rejected rows that a run may have before it exits 1. */
  readonly maxRejected: number
  readonly previousName?: string
  /** Absent: failed dbt tests of the model hold the sync, those upstream do not. */
  readonly gate?: SyncGate
  readonly enabled: boolean
  readonly origin: Origin
  /** Where keys of it are written; the sync itself for those that are not. */
  readonly keyOrigins: Readonly<Record<'primary_key' | 'match' | 'object' | 'where', Origin>>
}

// ---------------------------------------------------------------- HubSpot

export interface Account {
  readonly portalId: string
  /** HubSpot's own word, e.g. `STANDARD`, `DEVELOPER_TEST`, `SANDBOX`. */
  readonly accountType: string
  readonly timeZone?: string
  /** Host of the app that people use, e.g. `app-eu1.hubspot.com`: it differs by region. */
  readonly uiDomain?: string
}

export type PropertyType =
  | 'string'
  | 'number'
  | 'bool'
  | 'enumeration'
  | 'date'
  | 'datetime'
  | 'phone_number'
  | 'json'
  | 'object_coordinates'

export interface PropertySchema {
  readonly name: string
  readonly label: string
  readonly type: PropertyType | (string & {})
  readonly fieldType: string
  /** Absent when HubSpot does not say. */
  readonly groupName?: string
  readonly options: readonly PropertyOption[]
  /** Options live elsewhere (owners; pipelines until they are read): `options` is empty and says nothing. */
  readonly hasExternalOptions: boolean
  readonly isUnique: boolean
  readonly isReadOnly: boolean
  readonly isCalculated: boolean
  readonly isArchived: boolean
  readonly isHidden: boolean
  /** Rules that were set for its values in HubSpot; absent for none. */
  readonly rules?: readonly ValidationRule[]
}

/** A validation rule of a property, as HubSpot words it, e.g. `MAX_LENGTH` with `20`. */
export interface ValidationRule {
  readonly type: string
  readonly arguments: readonly string[]
}

/** A user who can own records. */
export interface Owner {
  readonly id: string
  readonly email: string
  /** Deactivated in HubSpot: owns nothing any more. */
  readonly isArchived: boolean
  /** Who it is where HubSpot names users. */
  readonly userId?: string
}

export interface PropertyOption {
  readonly value: string
  readonly label: string
  readonly isHidden: boolean
}

/** Pipelines of an object type and the stages of all of them, by id: values of properties such as `pipeline` and `dealstage`. */
export interface Pipelines {
  readonly pipelines: readonly PropertyOption[]
  readonly stages: readonly PropertyOption[]
}

/** A type of link between two object types, in one direction. */
export interface LinkType extends LinkTypeRef {
  /** Null of the unlabelled one. */
  readonly label: string | null
  /** Internal name; undefined where HubSpot does not say. */
  readonly name: string | undefined
}

export interface LinkTypeRef {
  /** E.g. `HUBSPOT_DEFINED`, `USER_DEFINED`. */
  readonly category: string
  readonly typeId: number
}

/** Two records that are linked, and by which types in that direction. */
export interface Link {
  readonly fromId: string
  readonly toId: string
  readonly types: readonly LinkType[]
}

/** The object at the other end of links. */
export interface LinkedObject
  extends Pick<ObjectSchema, 'name' | 'objectTypeId' | 'properties' | 'told'> {
  /** Types of links from the sync's object to it. */
  readonly types: readonly LinkType[]
}

export interface ObjectSchema {
  /** Used as the path segment and in messages, e.g. `contacts`. */
  readonly name: string
  readonly objectTypeId: string
  readonly properties: ReadonlyMap<string, PropertySchema>
  /** Properties a create must carry; never cleared. */
  readonly requiredProperties: readonly string[]
  /** Of these a create must carry one; absent where there is no such rule. */
  readonly requiredOneOf?: readonly string[]
  /** Objects that the sync links its records to, by the key of the association; only for syncs with some. */
  readonly linked?: ReadonlyMap<string, LinkedObject>
  /** Owners of the portal; only where a mapping asks for them. */
  readonly owners?: readonly Owner[]
  /** Only for syncs of events: what is known of them. `properties` are those of the only one, or those that all of them agree on. */
  readonly events?: EventSchemas
  /** Only where it was not HubSpot that said so. */
  readonly told?: Told
}

/** What a lock says of properties: of those that it does not have, nothing is known but for those that were absent. */
export interface Told {
  /** Name of the file, as messages say it. */
  readonly by: string
  readonly absent: ReadonlySet<string>
  /** Group that a new property goes to; undefined where HubSpot has none to write. */
  readonly group?: string | undefined
  /** What to do about what it does not say. */
  readonly hint: string
}

/** The kinds of events that a sync may send. */
export interface EventSchemas {
  readonly known: readonly EventSchema[]
  /** The only one is not there yet, and is made. */
  readonly isMissing?: true
  /** The object that the sync says its events are about. */
  readonly about: { readonly name: string; readonly objectTypeId: string }
  /** Names in the model's column that no event of HubSpot has; and internal names of all events. */
  readonly unknownNames?: readonly string[]
  readonly allNames?: readonly string[]
}

/** A kind of behavioural event. */
export interface EventSchema {
  /** Internal name, without the portal's prefix. */
  readonly name: string
  /** What events are sent by, e.g. `pe12345678_job_scheduled`. */
  readonly fullName: string
  readonly label: string
  /** Object type id of the records that the event is about; undefined where HubSpot does not say. */
  readonly about: string | undefined
  /** Undefined where HubSpot does not say; only events of type `MANUAL` are sent by others. */
  readonly trackingType: string | undefined
  /** HubSpot does not tell its properties: these are those of the sync. */
  readonly isUnchecked?: true
  readonly properties: ReadonlyMap<string, PropertySchema>
  readonly told?: Told
}

/** A list ("segment") of HubSpot's. */
export interface HubspotList {
  readonly listId: string
  readonly name: string
  readonly objectTypeId: string
  /** HubSpot's word for how it gets its members: `MANUAL`, `SNAPSHOT`, `DYNAMIC`. */
  readonly processingType: string
  /** Why nobody can change its members by hand, to go on from its name; absent where one can. */
  readonly whyFixed?: string
  /** Members; absent where HubSpot does not say. */
  readonly size?: number
}

// ---------------------------------------------------------------- operations

/**
 * `clear` is an update that empties what the sync sent, because the row left the model; `send` sends an event; `associate` sets the types of a
 * link, `dissociate` takes a link off; `add` and `remove` change the members of a list.
 */
export type OperationKind =
  | 'create'
  | 'update'
  | 'upsert'
  | 'clear'
  | 'archive'
  | 'send'
  | 'associate'
  | 'dissociate'
  | 'add'
  | 'remove'

/** What one row asks of HubSpot. */
export interface Operation {
  /** Position in the plan, from 1; unique in a run and sync. */
  readonly sequence: number
  readonly rowId: string
  readonly kind: OperationKind
  readonly recordId?: string
  readonly matchValue?: string
  /** Wire values; `''` clears. */
  readonly properties: Readonly<Record<string, string>>
  /** Of `send`: what the event has beside its properties. */
  readonly event?: EventFacts
  /** Of `associate` and `dissociate`; `recordId` is the record at this end. */
  readonly link?: LinkFacts
}

export interface LinkFacts {
  /** Path segment of the other object type. */
  readonly toObject: string
  readonly toId: string
  /**
   * Of `associate`: all types that the pair shall have, foreign ones included, or none for the unlabelled link beside whatever is there;
   * of `dissociate`: those that are taken off, or none for everything between the two records.
   */
  readonly types: readonly LinkTypeRef[]
}

export interface EventFacts {
  /** Full name. */
  readonly name: string
  readonly uuid: string
  /** ISO 8601, UTC. */
  readonly occurredAt: string
}

/** Operations of one kind on one object type that travel in one request. */
export interface Batch {
  readonly objectType: string
  readonly kind: OperationKind
  /** `idProperty` of an upsert; for creates the property by which an answer's record is told from its neighbours. */
  readonly matchProperty?: string
  /** Of links: the object type at the other end. */
  readonly toObject?: string
  /** Of `add` and `remove`: the list. */
  readonly listId?: string
  readonly operations: readonly Operation[]
}

/**
 * What became of one operation.
 * `succeeded`: HubSpot said so. `rejected`: refused for its content. `skipped`: the mode says to leave it.
 * `missing`: the record id is not there (any more). `conflict`: a record with that unique value exists (`existingId`).
 * `pending`: was not written, for a reason outside the row. `unknown`: may or may not have been written.
 */
export type Outcome =
  | 'succeeded'
  | 'rejected'
  | 'skipped'
  | 'missing'
  | 'conflict'
  | 'pending'
  | 'unknown'

export interface RecordResult {
  readonly sequence: number
  readonly outcome: Outcome
  readonly recordId?: string
  /** True when this write made the record, or the member; absent when HubSpot did not say. */
  readonly isCreated?: boolean
  readonly existingId?: string
  readonly error?: RecordError
  /** With `pending`: the write may have happened all the same. */
  readonly isDoubtful?: boolean
  /** HubSpot's correlation id of the answer that decided. */
  readonly correlationId?: string
  /** Id of the request in the `requests` table. */
  readonly requestId?: string
}

export interface RecordError {
  /** Closed set of ours or HubSpot's category, upper case, e.g. `VALIDATION_ERROR`. */
  readonly category: string
  /** May hold property values (HubSpot quotes them): scrubbed before it is logged. */
  readonly message: string
  readonly property?: string
}

/** One attempt of one API request, for the `requests` table. Bodies only when the audit keeps them. */
export interface RequestRecord {
  readonly requestId: string
  readonly method: string
  readonly path: string
  readonly status: number | null
  readonly attempt: number
  readonly durationMs: number
  /** For a turn, by the limits, before it was sent. */
  readonly waitedMs: number
  readonly batchSize: number
  readonly correlationId: string | null
  readonly errorCategory: string | null
  /** As the answer's headers tell of the account's limits; null where they do not, as those of searches. */
  readonly windowMax: number | null
  readonly windowRemaining: number | null
  readonly dailyRemaining: number | null
  readonly startedAtMs: number
  readonly requestBody?: string
  readonly responseBody?: string
}

// ---------------------------------------------------------------- states

/** Statuses of a row in `state__<sync>`; prose and transitions in `record/transitions.ts`. */
export type RowStatus =
  | 'succeeded'
  | 'rejected'
  | 'parked'
  | 'skipped'
  | 'pending'
  | 'sending'
  | 'unknown'
  | 'left'

/** Writes a command to type next: `show contacts 6` → `backhaul show --target prod contacts 6`. */
export type Say = (words: string) => string

/** Statuses of a run of one sync in `runs`. */
export type RunStatus =
  | 'planned'
  | 'running'
  | 'succeeded'
  | 'partial'
  | 'failed'
  | 'aborted'
  | 'guarded'
  | 'held'

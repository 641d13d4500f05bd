import { join, raw, type Sql, type Statement, sql } from './sql.ts'

/** A table of ours. `database` is absent where the engine has one database per connection, `schema` empty for the session's own. */
export interface TableRef {
  readonly database?: string
  readonly schema: string
  readonly name: string
}

/** What a column's type means to a mapping, whatever the engine calls it. */
export type TypeFamily =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'time'
  | 'array'
  | 'json'
  | 'uuid'
  | 'binary'
  | 'other'

/** A column as the catalog reports it: the exact spelling, the engine's own type text, and its family. */
export interface Column {
  readonly name: string
  readonly type: string
  readonly family: TypeFamily
}

/**
 * HubSpot's wire form of a value (SPEC, Values). `epoch` says that the column counts seconds or milliseconds
 * since 1970; `timezone` is the IANA zone of a zone-less timestamp (UTC when absent).
 */
export interface WireForm {
  readonly kind: 'text' | 'number' | 'boolean' | 'date' | 'datetime' | 'multi'
  readonly epoch?: 's' | 'ms'
  readonly timezone?: string
}

/** SQL for a wire value, and SQL that is true when the column holds something that has no such form. */
export interface Rendered {
  /** Text or NULL; `''` and NULL are both NULL, and so is what is invalid. */
  readonly value: Sql
  /** Absent when every value of the column's type has the form. Never NULL. */
  readonly isInvalid?: Sql
}

/** Types of our own tables' columns. */
export type ColumnKind = 'text' | 'integer' | 'boolean' | 'timestamp' | 'fingerprint'

export interface DialectCapabilities {
  /** Rows read, sent and checkpointed together. Large where each statement is billed. */
  readonly windowRows: number
  /** Longest identifier, in bytes of UTF-8. */
  readonly maxIdentifierBytes: number
  /** Names that differ only in case are the same name. */
  readonly foldsTableNames: boolean
  /**
   * Set where the engine runs in our own process: larger change sets are computed, and merged, in slices of this many rows,
   * so that memory does not grow with them. Each slice scans the model once.
   */
  readonly sliceRows?: number
  /** Properties that one sync may map: what the engine's limit on columns leaves, three per property. */
  readonly maxMappedProperties?: number
  /** A primary key on a table of ours is enforced and cheap, so that it also settles races. */
  readonly enforcesKeys: boolean
  /**
   * `withSnapshot` reads one state of the user's models. Elsewhere they may change between two statements, so what has to
   * agree is asked in one.
   */
  readonly hasSnapshots: boolean
  /** Tables can be made, renamed and dropped inside of a transaction, and are as they were when it fails. */
  readonly hasTransactionalDdl: boolean
  /**
   * Each statement costs money, or wakes a machine that does: leases are renewed rarely, and the audit of API calls is
   * stored once per invocation.
   */
  readonly billsStatements: boolean
  /**
   * `with x as materialized (…)` is understood and needed: the engine otherwise repeats the expressions of a CTE wherever
   * they are read, so that chained CTEs grow exponentially.
   */
  readonly materializes: boolean
  /** Where and how long deleted rows can still be read: for whoever has to erase a person. One sentence. */
  readonly deletedRows: string
}

/** What a table of ours is for: kept for ever, or filled and emptied by each run. */
export type TableUse = 'lasting' | 'working'

/** The words around name and columns in the DDL of a table. */
export interface TableForm {
  /** Words before the name, e.g. `create table`. */
  readonly create: string
  /** Words after the columns, e.g. how rows lie on the disk; empty where there is nothing to say. */
  readonly options: string
}

/** The documentation of a table, and by name of its columns; plain text of at most 1,024 characters each. */
export interface TableMeaning {
  readonly meaning: string
  readonly columns: readonly { readonly name: string; readonly meaning: string }[]
}

/** Words of DDL that carry documentation, where the engine takes it there; else a statement that follows. */
export type Comments =
  | {
      readonly are: 'inline'
      /** After a column's type, also where it is added. */
      readonly ofColumn: (meaning: string) => Sql
      /** After all options of a table. */
      readonly ofTable: (meaning: string) => Sql
    }
  | {
      readonly are: 'apart'
      /** Everything about one table in one round trip. */
      readonly statement: (table: TableRef, of: TableMeaning) => Sql
    }

/** `comment on …` for a table and its columns, as a batch without bindings, which both engines that know it run as one. */
export function commentBatch(
  dialect: Pick<Dialect, 'quote'>,
  literal: (text: string) => Sql,
  table: TableRef,
  { meaning, columns }: TableMeaning,
): Sql {
  const name = raw(tableName(dialect, table))
  return join(
    [
      sql`comment on table ${name} is ${literal(meaning)}`,
      ...columns.map(
        (column) =>
          sql`comment on column ${name}.${raw(column.name)} is ${literal(column.meaning)}`,
      ),
    ],
    ';\n',
  )
}

/**
 * SQL of one engine: quoting, literals, types, rendering. Pure: no SDK, no I/O.
 * Every fragment it returns binds its values.
 */
export interface Dialect {
  readonly name: string
  readonly capabilities: DialectCapabilities
  /** Quotes one identifier, whatever it contains (quotes, dots, reserved words, Unicode). */
  quote(identifier: string): string
  /**
   * How the engine spells the name of a schema or table of ours, so that people may write it without quotes. The names of our
   * columns are always written bare: none is a reserved word of any engine.
   */
  ownName(name: string): string
  /** The engine's parameter style and escapes; through knex. */
  compile(statement: Sql): Statement
  /** Type for a column of ours, e.g. `text`, `STRING`. */
  type(kind: ColumnKind): string
  /** How a table of ours is made. `key` are the columns that rows are found by. */
  tableForm(use: TableUse, key: readonly string[] | undefined): TableForm
  /** What a table of ours says of itself and its columns, for whoever finds it in the catalog. */
  readonly comments: Comments
  /** The family of a type as the catalog or driver prints it. */
  family(type: string): TypeFamily
  /** Wire form of a column. `column` is SQL for the value, already qualified. */
  render(value: Sql, family: TypeFamily, wire: WireForm): Rendered
  /**
   * Prefilter for "this row may have changed": equal raw values and equal `seed` give equal fingerprints, within
   * one engine version. Unequal fingerprints promise nothing: wire values decide. Values of different types may share
   * a fingerprint, so `seed` must tell the columns' types as well as their mappings.
   */
  fingerprint(
    seed: string,
    columns: readonly { readonly value: Sql; readonly family: TypeFamily }[],
  ): Sql
  /** JSON object text with a key per pair whose value is not NULL, in the order given. No limit on pairs. */
  jsonObject(pairs: readonly { readonly name: string; readonly value: Sql }[]): Sql
  /** Parses JSON object text once, so that `jsonField` on the result is cheap; NULL stays NULL. */
  openJson(text: Sql, names: readonly string[]): Sql
  /** Text of one field of what `openJson` returned, or NULL. */
  jsonField(opened: Sql, name: string): Sql
  /** JSON list text of the names whose condition is true, in the order given; `[]` for none. */
  nameList(entries: readonly { readonly name: string; readonly when: Sql }[]): Sql
  /** True when a `;`-joined value has an element that is none of `options`. False for NULL. */
  hasElementOutside(joined: Sql, options: readonly string[]): Sql
  /** A query with the text columns `term`, `meaning` and `trouble`, one row per entry, which travel as one text. */
  textRows(entries: readonly (readonly (string | null)[])[]): Sql
  /** JSON text of a list, or of a semi-structured value; NULL stays NULL. */
  jsonText(value: Sql, family: 'array' | 'json'): Sql
  /** True when a text that begins with a bracket is JSON that the functions below read. Never fails; NULL for NULL. */
  isJson(text: Sql): Sql
  /**
   * A row per element of JSON list text: what follows the only relation of a FROM, and the element as JSON text. NULL has no elements.
   */
  eachElement(list: Sql, name: string): { readonly join: Sql; readonly element: Sql }
  /** Text of JSON text that is a string or a number, or of that member of JSON object text. */
  jsonScalar(json: Sql, member?: string): Sql
  /** JSON text of a member of JSON object text; NULL where it is missing or null. */
  jsonMember(json: Sql, member: string): Sql
  /** Aggregate: JSON list text of the distinct texts of a group, sorted; `[]` for none. The texts need no escapes. */
  textSet(text: Sql): Sql
  /** The number that the wire text of a number says, for comparisons: digits beyond the 15th may be lost. */
  numberOf(text: Sql): Sql
  /** True when a text matches an expression that all engines read alike; NULL for NULL. */
  matches(text: Sql, pattern: string): Sql
  /** JSON list text of text values (a composite key); NULL when any is NULL. */
  keyList(values: readonly Sql[]): Sql
  /**
   * Tells the engine how full a table of ours has become, where it would otherwise plan by guesswork until it finds out by itself;
   * undefined where it always knows.
   */
  refreshStatistics(table: TableRef): Sql | undefined
  /** Gives a table of ours another name in the same schema. */
  renameTable(from: TableRef, to: TableRef): Sql
  /**
   * A table that only this session sees (or that expires by itself), for a plan that must leave nothing behind:
   * how to refer to it, and how it is made.
   */
  scratchTable(plan: TableRef): { readonly table: TableRef; readonly form: TableForm }
  /** Lower-case hex digest of text, for hashed audit values and for what is to be compared. */
  digest(text: Sql): Sql
  /** The number that twelve hexadecimal digits say, of a type in which the sum over any table is exact. */
  hexNumber(digits: Sql): Sql
  /** The engine's clock now, not the transaction's start. */
  now(): Sql
  /** `moment` plus whole seconds. */
  addSeconds(moment: Sql, seconds: number): Sql
}

/** `alter table … rename to …` as most engines have it. */
export function renameByAlter(dialect: Dialect, from: TableRef, to: TableRef): Sql {
  return raw(`alter table ${tableName(dialect, from)} rename to ${dialect.quote(to.name)}`)
}

/** `database.schema.name`, each part quoted; an empty schema is the session's own. */
export function tableName(dialect: Pick<Dialect, 'quote'>, table: TableRef): string {
  const schema = table.schema === '' ? [] : [table.schema]
  const parts = table.database === undefined ? schema : [table.database, ...schema]
  return [...parts, table.name].map((part) => dialect.quote(part)).join('.')
}

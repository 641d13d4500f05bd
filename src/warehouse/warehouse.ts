import type { Column, Dialect, TableRef } from './dialect.ts'
import type { Sql, Value } from './sql.ts'

/** Facts about who asks, e.g. the run; engines attach them to each statement where they can, and show them in their own list of statements. */
export type Labels = Readonly<Record<string, string>>

export type Row = Readonly<Record<string, Value>>

/** A cell as text; NULL, and a column that the row does not have, are null. */
export const cellText = (cell: Value | undefined): string | null =>
  cell === null || cell === undefined ? null : String(cell)

/**
 * One session with one engine. Statements run one after the other on it.
 * Every failure is a `WarehouseError`; the SQL goes to the debug log, never a bound value.
 */
export interface Warehouse {
  readonly dialect: Dialect
  /** Database part of our own tables' names; undefined where the session has just one. */
  readonly stateDatabase: string | undefined
  /** The file that our own tables are in; only where they are in one of this machine. */
  readonly stateFile?: string
  /** What `debug` prints: engine, version, where; no secrets. */
  readonly description: string
  /** All rows of a small result. Integers come as numbers when safe, else as text; timestamps as ISO text. */
  query(statement: Sql): Promise<readonly Row[]>
  /** A result of any size, in order, in chunks; memory does not grow with the result. */
  stream(statement: Sql): AsyncIterable<readonly Row[]>
  /** Runs one statement and returns the number of rows it affected. */
  execute(statement: Sql): Promise<number>
  /** All or nothing, in order. Tried again when the engine takes it back for another transaction's sake. */
  transaction(statements: readonly Sql[]): Promise<void>
  /** Appends rows to a table of ours by the engine's bulk path. All or nothing. */
  upload(
    table: TableRef,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<void>
  /** Columns of a relation given as dbt wrote it; undefined when it does not exist. */
  columns(relationName: string): Promise<readonly Column[] | undefined>
  /** True when a schema of our tables' database is there. */
  hasSchema(name: string): Promise<boolean>
  /**
   * What an owner has to run so that this session may work in a schema of ours, by the engine's code of a failure there; undefined
   * when that is not about rights. Absent: the DDL of the tables is printed instead.
   */
  ownSchemaHint?(code: string | undefined, schema: string, isThere: boolean): string | undefined
  /**
   * Everything that `work` reads of the user's models is one snapshot, and what it writes to our tables is committed
   * together when it resolves: on engines that have snapshots; on others it is just run. Where the user's data is a file, it is
   * open (read-only) for just this long.
   */
  withSnapshot<T>(work: () => Promise<T>): Promise<T>
  /** Statements of `work` carry these labels, too, where the engine keeps any. A session does one such work at a time. */
  withLabels<T>(labels: Labels, work: () => Promise<T>): Promise<T>
  /** A second session on the same place, for what must not wait behind a long statement: the lease. */
  fork(): Promise<Warehouse>
  /** What a query would bill, without running it; only where reading is billed. */
  estimate?(statement: Sql): Promise<{ readonly bytes: number }>
  /** What this session and its forks have asked of the engine so far. */
  usage(): Usage
  /** Closes the session. Safe to call twice. */
  close(): Promise<void>
}

export interface Usage {
  /** Statements sent, commits and catalog queries included; a bulk upload counts as one. */
  readonly statements: number
  /** Bytes that the engine bills for them; only where it bills bytes. */
  readonly bytesBilled?: number
}

/** What is needed to connect: a dbt profile's output, rendered. */
export interface Connection {
  /** dbt's adapter type. */
  readonly type: string
  /** Keys of the profile's output, without `type` and `threads`. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Relative paths in the profile are relative to it, where nothing is found from `cwd`. */
  readonly projectDir: string
  /** Folder that the command runs in, where it is another: dbt takes paths from there, and makes a DuckDB file there. */
  readonly cwd?: string
  /** DuckDB: the connection whose state file is opened, to be read only, in the place of our own. */
  readonly stateOf?: Connection
}

/** How a session on one target reads the state of another: with which connection, and in which database where it is another one; or why it cannot. */
export type Reach =
  | { readonly connection: Connection; readonly database?: string }
  | { readonly why: string }

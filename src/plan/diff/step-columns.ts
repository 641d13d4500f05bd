import { raw, type Sql } from '../../warehouse/sql.ts'

/** Columns of the steps of a diff: of a mapped column, or of a property, by its position. */
interface Names {
  readonly column: (index: number) => Sql
  readonly value: (index: number) => Sql
  /** What the column holds where that has no wire form; else NULL. */
  readonly unreadable: (index: number) => Sql
  /** What is wrong with the value; NULL when nothing is. */
  readonly bad: (index: number) => Sql
  readonly isBad: (index: number) => Sql
  readonly old: (index: number) => Sql
  /** A row's entry of a property's lookup. */
  readonly term: (index: number) => Sql
  readonly meaning: (index: number) => Sql
  readonly trouble: (index: number) => Sql
  /** A unique value that several rows have, and two of those rows. */
  readonly repeated: (index: number) => Sql
  readonly firstRow: (index: number) => Sql
  readonly lastRow: (index: number) => Sql
  /** What the plan has of a property that is looked at no more. */
  readonly planned: (index: number) => Sql
}

export const names: Names = {
  column: (index) => raw(`c${index}`),
  value: (index) => raw(`v${index}`),
  unreadable: (index) => raw(`u${index}`),
  bad: (index) => raw(`b${index}`),
  isBad: (index) => raw(`b${index} is not null`),
  old: (index) => raw(`o${index}`),
  term: (index) => raw(`term${index}`),
  meaning: (index) => raw(`meaning${index}`),
  trouble: (index) => raw(`trouble${index}`),
  repeated: (index) => raw(`repeated${index}`),
  firstRow: (index) => raw(`first_row${index}`),
  lastRow: (index) => raw(`last_row${index}`),
  planned: (index) => raw(`planned${index}`),
}

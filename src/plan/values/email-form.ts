import { type Sql, sql } from '../../warehouse/sql.ts'

/** HubSpot keeps addresses trimmed and in lower case: two spellings are one contact, or one owner. */
export const emailForm = (value: Sql): Sql => sql`nullif(lower(trim(${value}, ' ')), '')`

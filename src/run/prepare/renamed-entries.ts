import type { RenamedLink } from '../../plan/diff-spec.ts'
import { findRenamedLinks } from '../../plan/links/renamed-links.ts'
import { type Ledger, linksOf, named } from '../../record/ledger.ts'
import type { TableRef } from '../../warehouse/dialect.ts'
import { sql } from '../../warehouse/sql.ts'
import type { PreparedSync } from '../context.ts'

/** Entries of `associations:` whose column has another name now. */
export const renamedEntries = (
  { warehouse }: Ledger,
  { sync, bound, links }: Pick<PreparedSync, 'sync' | 'bound'> & { readonly links: TableRef },
): Promise<readonly RenamedLink[]> =>
  findRenamedLinks(warehouse, {
    ...bound,
    relation: sync.model.relationName ?? '',
    linksTable: links,
    auditValues: 'none',
  })

/** Gives links the new name of their entry, so that this run goes by it and later ones need not look. */
export async function renameEntries(
  ledger: Ledger,
  { sync, bound }: Pick<PreparedSync, 'sync' | 'bound'>,
): Promise<void> {
  if (bound.links === undefined) return
  const links = linksOf(ledger, sync.name)
  const renamed = await renamedEntries(ledger, { sync, bound, links })
  if (renamed.length === 0) return
  await ledger.warehouse.transaction(
    renamed.map(
      ({ from, to }) =>
        sql`update ${named(ledger, links)} set association = ${to} where association = ${from}`,
    ),
  )
}

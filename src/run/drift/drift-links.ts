import { auditedTarget } from '../../plan/audited.ts'
import type { DiffLink } from '../../plan/diff-spec.ts'
import { labelOf } from '../../plan/links/link-counts.ts'
import {
  type DriftSelection,
  type LinkScope,
  readSentLinks,
  type SentLink,
} from '../../record/sent-rows.ts'
import { lackingTypes } from '../../resolve/compare-sent.ts'
import { pairKey, readStanding, type StandingLinks } from '../../resolve/read-links.ts'
import { retriedLinks } from '../asking.ts'
import type { PreparedSync, RunContext } from '../context.ts'
import { categoryOf, type Findings } from './drift-difference.ts'

/** The links of a sync to one object: one request reads them for many records. */
export interface LinkGroup extends LinkScope {
  /** Path segment. */
  readonly object: string
  readonly links: readonly DiffLink[]
}

export function linkGroups(links: readonly DiffLink[] | undefined): readonly LinkGroup[] {
  const groups = new Map<string, DiffLink[]>()
  for (const link of links ?? []) {
    const group = groups.get(link.objectTypeId)
    if (group === undefined) groups.set(link.objectTypeId, [link])
    else group.push(link)
  }
  return [...groups].map(([objectTypeId, group]) => ({
    objectTypeId,
    object: group[0]?.object ?? objectTypeId,
    associations: group.map(({ association }) => association),
    links: group,
  }))
}

/**
 * Compares links with those that HubSpot has.
 *
 * @param moved rows whose record is not what it was: links went with it, and are set again with the new one
 */
export async function compareLinks(
  context: RunContext,
  { sync, schema }: PreparedSync,
  group: LinkGroup,
  selection: DriftSelection,
  moved: ReadonlySet<string>,
  findings: Findings,
): Promise<void> {
  const { ledger, settings, destination } = context
  const { billsStatements } = ledger.warehouse.dialect.capabilities
  const size = destination.maxLinkReadSize
  const records =
    size * (billsStatements ? Math.max(10, settings.concurrency) : settings.concurrency)
  for await (const links of readSentLinks(ledger, sync.name, group, selection, records)) {
    const standing = await readAll(context, schema.name, group.object, links)
    for (const link of links) {
      if (moved.has(link.rowId)) continue
      if (standing.unread.has(link.recordId)) {
        findings.miss('link', 1)
        continue
      }
      const held = standing.types.get(pairKey(link.recordId, link.targetRecordId))
      if (held !== undefined && lackingTypes(link.labels, held).length === 0) continue
      await tell(group, link, held, findings)
    }
    await findings.keep({ links: links.length })
  }
}

/** As many requests at once as a run sends. */
async function readAll(
  context: RunContext,
  from: string,
  to: string,
  links: readonly SentLink[],
): Promise<StandingLinks> {
  const { destination, settings } = context
  const size = destination.maxLinkReadSize
  const ids = [...new Set(links.map(({ recordId }) => recordId))]
  const types = new Map<string, readonly string[]>()
  const unread = new Set<string>()
  for (let first = 0; first < ids.length; first += size * settings.concurrency) {
    const starts = Array.from(
      { length: settings.concurrency },
      (_, index) => first + index * size,
    ).filter((start) => start < ids.length)
    const answers = await Promise.all(
      starts.map((start) =>
        readStanding(
          { from, to, ids: ids.slice(start, start + size) },
          size,
          retriedLinks(context),
        ),
      ),
    )
    for (const answer of answers) {
      for (const [key, held] of answer.types) types.set(key, held)
      for (const id of answer.unread) unread.add(id)
    }
  }
  return { types, unread }
}

async function tell(
  group: LinkGroup,
  link: SentLink,
  held: readonly string[] | undefined,
  findings: Findings,
): Promise<void> {
  const { rowId, recordId, association, targetKey, targetRecordId, labels } = link
  const lookup = group.links.find((one) => one.association === association)?.lookup
  const words = (types: readonly string[]) =>
    types.map((type) => (lookup === undefined ? type : labelOf(lookup, type)))
  const kind = held === undefined ? 'unlinked' : 'relabelled'
  await findings.found({
    kind,
    rowId,
    recordId,
    link: {
      association,
      target: auditedTarget(association, targetKey, findings.auditValues),
      targetRecordId,
      labels: words(labels),
      heldLabels: words(held ?? []),
    },
  })
  findings.mark({
    rowId,
    reason: categoryOf(kind),
    properties: [],
    old: null,
    new: null,
    link: { ...link, objectTypeId: group.objectTypeId },
  })
}

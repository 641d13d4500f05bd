import { scrubMessage } from '../../destination/hubspot/scrub.ts'
import { asRowId } from '../../plan/asked-rows.ts'
import { readIdentities } from '../../record/identity.ts'
import { readAttempts, readLinkRows, readStateRow } from '../../record/row-history.ts'
import { readLastRuns } from '../../record/status.ts'
import { allowedValues } from '../../report/recorded-changes.ts'
import type { AuditValues } from '../../types.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { loadSyncs } from '../load-syncs.ts'
import { asksForJson } from '../options.ts'
import type { RowFacts } from '../render/explain-row.ts'
import { paintFor } from '../render/paint.ts'
import { renderShown, rowDocument } from '../render/shown-row.ts'
import { openSession } from '../session.ts'
import { computeRow } from '../state/computed-row.ts'
import { stateName, syncNamed } from '../state/state-access.ts'

/** Says why a row is, or is not, in HubSpot. Writes nothing. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const loaded = await loadSyncs(session)
  const sync = syncNamed(loaded, String(args['SYNC']))
  const rowId = asRowId(String(args['KEY']), sync.primaryKey.length)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const pinned = await readIdentities(ledger)
    const known = { ...sync, name: stateName(sync, pinned) }
    const {
      account,
      model,
      problems,
      words = new Map(),
      plannedLinks = [],
      entries,
    } = await computeRow({ session, loaded, ledger, pinned, known, sync, rowId })
    const { values } = session.project.settings.audit
    const state = asAllowed(await readStateRow(ledger, known.name, rowId), values)
    const runs = await readLastRuns(ledger)
    const links = (await readLinkRows(ledger, known.name, rowId)).map((link) =>
      asAllowed(link, values),
    )
    const names = [...new Set([sync.name, known.name, sync.previousName ?? sync.name])]
    const attempts = (await readAttempts(ledger, names, rowId)).map((attempt) => ({
      ...asAllowed(attempt, values),
      old: allowedValues(attempt.old, values),
      new: allowedValues(attempt.new, values),
    }))
    const facts: RowFacts = {
      rowId,
      say: session.say,
      auditValues: values,
      links: {
        planned: plannedLinks,
        // What became of links that nobody asks for is no matter of the next run.
        known: links.filter(({ association }) => entries?.includes(association) === true),
      },
      sync,
      model,
      state,
      lastRun: runs.get(sync.name) ?? runs.get(known.name),
      isAccepted:
        attempts.findLast(({ properties }) => properties.length > 0)?.operation === 'accept',
    }
    const identity = pinned.find(({ syncName }) => syncName === known.name)
    const shown = {
      facts,
      account,
      identity,
      links: { rows: links, words, entries },
      attempts,
      problems,
    }
    if (asksForJson(args)) io.stdout(`${JSON.stringify(rowDocument(shown))}\n`)
    else
      io.stdout(renderShown(shown, args['all'] === true ? 'all' : 'last', paintFor(io.usesColours)))
    return state === undefined && model !== undefined && model.copies === 0 ? 1 : 0
  } finally {
    await warehouse.close()
  }
}

/** With the message as it may be shown by now: it may quote values from before `audit.values` was changed. */
function asAllowed<Told extends { readonly errorMessage: string | null } | undefined>(
  told: Told,
  values: AuditValues,
): Told {
  if (told === undefined || told.errorMessage === null || values === 'full') return told
  return { ...told, errorMessage: scrubMessage(told.errorMessage) }
}

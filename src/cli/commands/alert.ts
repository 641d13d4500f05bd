import type { Alert, Channel, Notice, Outcome, Words } from '../../alert/alert.ts'
import { dedupKey } from '../../alert/decide.ts'
import { sendNotices } from '../../alert/send-notices.ts'
import { noticeOf } from '../../alert/words.ts'
import { formatProblem, UserError } from '../../errors.ts'
import type { ConfiguredAlert } from '../../project/alerts.ts'
import { hideSecrets } from '../../project/secrets.ts'
import { type ListedAlert, readOpenAlerts } from '../../record/alert-states.ts'
import { hasTable, type Ledger, sharedTable } from '../../record/ledger.ts'
import { didYouMean } from '../../suggest.ts'
import { placeOf } from '../alerts/send-logged.ts'
import { deliveryOf, hasAlerts, tellAlerts, watchedSyncs } from '../alerts/tell-alerts.ts'
import { isOurs } from '../alerts/tell-kept.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { connectWarehouse, ledgerOf } from '../connect-warehouse.ts'
import { loadSyncs } from '../load-syncs.ts'
import { asksForJson } from '../options.ts'
import { renderTable } from '../render/render-table.ts'
import { ageOf, countOf, durationOf } from '../render/words.ts'
import { openSession, type Session } from '../session.ts'

/** Tries alerts, lists them, or looks for what is stale. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const session = openSession(args, io)
  const name = args['NAME']
  const action = String(args['ACTION'])
  if (name !== undefined && action !== 'test') {
    throw new UserError(
      { message: `\`alert ${action}\` takes no name`, hint: 'Only `alert test` does.' },
      { exitCode: 2 },
    )
  }
  if (action === 'test') return test(session, args)
  if (action === 'list') return list(session, args)
  return check(session, args)
}

/** A test may take longer than what a run grants alerts: somebody is watching. */
const testMs = 20_000

interface Tried {
  readonly alert: string
  readonly channel: Channel['kind'] | null
  readonly isTold: boolean
  readonly answer: string
}

async function test(session: Session, args: Arguments): Promise<number> {
  const { project, io } = session
  const asked = chosen(project.settings.alerts, args['NAME'])
  for (const problem of project.settings.literalAlertSecrets) {
    session.log.warn(formatProblem(problem))
  }
  const tried = await Promise.all(asked.map((one) => tryAlert(session, one)))
  if (asksForJson(args)) {
    io.stdout(`${JSON.stringify({ kind: 'alert_test', version: 1, alerts: tried })}\n`)
  } else {
    const lines = tried.map(
      ({ alert, channel, isTold, answer }) =>
        `${isTold ? 'sent  ' : 'FAILED'}  ${alert}${channel === null ? '' : ` (${channel})`}: ${answer}`,
    )
    io.stdout(`${lines.join('\n')}\n`)
  }
  return tried.every(({ isTold }) => isTold) ? 0 : 1
}

function chosen(alerts: readonly ConfiguredAlert[], name: unknown): readonly ConfiguredAlert[] {
  if (alerts.length === 0) {
    throw new UserError({
      message: 'backhaul.yml has no alerts',
      hint: 'Write `alerts:` as in docs/alerts.md.',
    })
  }
  if (name === undefined) return alerts
  const found = alerts.filter((one) => one.name === name)
  if (found.length > 0) return found
  const names = alerts.map((one) => one.name)
  throw new UserError({
    message: `backhaul.yml has no alert ${String(name)}`,
    hint: didYouMean(String(name), names),
  })
}

async function tryAlert(session: Session, one: ConfiguredAlert): Promise<Tried> {
  const { name, alert } = one
  if (alert === undefined) {
    const answer = one.problems.map(formatProblem).join('\n')
    return { alert: name, channel: null, isTold: false, answer }
  }
  const place = placeOf(session.project, null)
  const delivery = deliveryOf(session, testMs)
  const notice = testNotice(session, alert)
  const [outcome] = await sendNotices(alert.channel, [notice], place, delivery)
  const { isTold, ...said }: Outcome = outcome ?? { isTold: false, why: 'not reached' }
  const answer = hideSecrets('answer' in said ? said.answer : said.why, session.project.secrets)
  return { alert: name, channel: alert.channel.kind, isTold, answer }
}

function testNotice({ project, io }: Session, alert: Alert): Notice {
  const words: Words = {
    title: `[Test] Alert ${alert.name} of Backhaul arrives here`,
    what: ['This is a test that somebody asked for. Nothing is wrong.'],
    steps: [],
    command: null,
    runId: null,
  }
  const place = placeOf(project, null)
  const key = dedupKey([project.name, project.targetName, alert.name, 'test', io.invocationId])
  const since = new Date(io.clock()).toISOString()
  const state = { dedupKey: key, alert: alert.name, sync: null, since, words }
  const notice = noticeOf({ ...state, trouble: 'test', status: 'open' }, alert, place)
  // A template of one's own must not hide that it is one.
  const isMarked = notice.subject.includes('[Test]')
  return isMarked ? notice : { ...notice, subject: `[Test] ${notice.subject}` }
}

async function list(session: Session, args: Arguments): Promise<number> {
  const { project, io } = session
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const open = await readOpen(session, ledger)
    const { alerts } = project.settings
    if (asksForJson(args)) {
      const document = {
        kind: 'alerts',
        version: 1,
        target: project.targetName,
        alerts: alerts.map((one) => describe(one, project.targetName)),
        open,
      }
      io.stdout(`${JSON.stringify(document)}\n`)
    } else io.stdout(renderList(alerts, open, project.targetName, io.clock()))
    return 0
  } finally {
    await warehouse.close()
  }
}

interface OpenAlert extends ListedAlert {
  /** False: backhaul.yml has no such alert any more, and `alert check` ends it. */
  readonly isConfigured: boolean
}

/** What is open of this project's alerts. */
async function readOpen(session: Session, ledger: Ledger): Promise<readonly OpenAlert[]> {
  if (!(await hasTable(ledger, sharedTable(ledger, 'alerts')))) return []
  const names = new Set(session.project.settings.alerts.map(({ name }) => name))
  const open = await readOpenAlerts(ledger, session.project.targetName)
  return open
    .filter((state) => isOurs(session, state))
    .map((state) => ({ ...state, isConfigured: names.has(state.alert) }))
}

/** An alert without its secrets. */
function describe(one: ConfiguredAlert, targetName: string) {
  const { name, targets, alert } = one
  return {
    name,
    channel: alert?.channel.kind ?? null,
    when: alert === undefined ? [] : [...alert.when, ...(alert.tellsRecovery ? ['recovery'] : [])],
    rejectedAbove: alert === undefined ? null : thresholdText(alert),
    staleAfterSeconds: alert?.staleAfterMs === undefined ? null : alert.staleAfterMs / 1000,
    syncs: alert?.syncs ?? null,
    targets,
    isForTarget: targets.includes(targetName),
    problems: one.alert === undefined ? one.problems.map(formatProblem) : [],
  }
}

const thresholdText = ({ rejectedAbove }: Alert): string =>
  'rows' in rejectedAbove ? String(rejectedAbove.rows) : `${rejectedAbove.percent}%`

function renderList(
  alerts: readonly ConfiguredAlert[],
  open: readonly OpenAlert[],
  targetName: string,
  nowMs: number,
): string {
  const none = 'backhaul.yml has no alerts: docs/alerts.md says how to add one.'
  if (alerts.length === 0 && open.length === 0) return `${none}\n`
  const rows = alerts.map((one) => {
    const { alert } = one
    const words = alert === undefined ? ['not usable'] : alertWords(alert)
    return {
      alert: one.name,
      channel: alert?.channel.kind ?? '',
      tells: words.join(', '),
      syncs: alert?.syncs?.join(', ') ?? (alert === undefined ? '' : 'all'),
      targets: one.targets.length === 0 ? 'none' : one.targets.join(', '),
    }
  })
  const problems = alerts.flatMap((one) =>
    one.alert === undefined ? one.problems.map((problem) => formatProblem(problem)) : [],
  )
  const openRows = open.map(
    ({ alert, sync, status, told, since, words, attempts, lastError, isConfigured }) => ({
      alert: isConfigured ? alert : `${alert} (not in backhaul.yml)`,
      sync: sync ?? 'the run',
      what: words.title,
      since: ageOf(since, nowMs),
      told:
        told === status
          ? 'yes'
          : attempts === 0
            ? 'not yet'
            : `not yet, ${countOf(attempts, 'attempt')}: ${lastError ?? ''}`,
    }),
  )
  return `${[
    ...(alerts.length === 0 ? [none] : ['Alerts', ...renderTable(rows, 80)]),
    ...problems,
    '',
    open.length === 0
      ? `Nothing is open for target ${targetName}.`
      : `Open for target ${targetName}`,
    ...renderTable(openRows, 100),
  ].join('\n')}\n`
}

function alertWords(alert: Alert): readonly string[] {
  const { when, tellsRecovery, staleAfterMs } = alert
  return [
    ...when.map((word) => {
      if (word === 'rejected') return `rejected above ${thresholdText(alert)}`
      if (word !== 'stale' || staleAfterMs === undefined) return word
      return `stale after ${durationOf(staleAfterMs / 1000)}`
    }),
    ...(tellsRecovery ? ['recovery'] : []),
  ]
}

async function check(session: Session, args: Arguments): Promise<number> {
  const { project, io, log } = session
  if (!hasAlerts(project)) log.warn(`No alert is for target ${project.targetName}`)
  const loaded = await loadSyncs(session)
  const warehouse = await connectWarehouse(session)
  try {
    const ledger = ledgerOf(session, warehouse)
    const request = { session, news: { syncs: [] }, portalId: null, syncs: watchedSyncs(loaded) }
    await tellAlerts(request, async (work) => {
      await work(ledger)
      return true
    })
    const open = await readOpen(session, ledger)
    if (asksForJson(args)) {
      const document = { kind: 'alert_check', version: 1, target: project.targetName, open }
      io.stdout(`${JSON.stringify(document)}\n`)
    } else {
      const syncs = countOf(watchedSyncs(loaded).length, 'sync')
      io.stdout(`Looked at ${syncs}: ${countOf(open.length, 'alert')} open.\n`)
    }
    return 0
  } finally {
    await warehouse.close()
  }
}

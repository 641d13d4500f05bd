import type { Alert, Outcome, Place } from '../../alert/alert.ts'
import { type AlertState, decide, isUntold } from '../../alert/decide.ts'
import { findingsFor, type News } from '../../alert/news.ts'
import type { Delivery } from '../../alert/post.ts'
import { noticeOf } from '../../alert/words.ts'
import {
  claimAlerts,
  type LastRuns,
  readAlertStates,
  readLastThrough,
  settleAlerts,
  type Told,
} from '../../record/alert-states.ts'
import type { Ledger } from '../../record/ledger.ts'
import { ensureSchema } from '../../record/schema/ensure-tables.ts'
import { outputFolder, type Session } from '../session.ts'
import { readMemory, writeMemory } from './alert-memory.ts'
import { endLeft, leftStates, tellLeft } from './left-alerts.ts'
import { newsOfTime } from './run-news.ts'
import { type AlertRequest, keyOf, placeOf, sendLogged } from './send-logged.ts'

/** Before a claim is tried anew. */
const longestPauseMs = 500

/** With the warehouse, which knows what was told. */
export async function tellKept(
  { session, news, syncs, portalId }: AlertRequest,
  alerts: readonly Alert[],
  ledger: Ledger,
  delivery: Delivery,
  /** From the claim on messages may have gone out. */
  progress: { isClaimed: boolean },
): Promise<void> {
  const { project, io } = session
  const holder = io.invocationId
  await ensureSchema(ledger)
  const kept = (await readAlertStates(ledger, project.targetName)).filter((state) =>
    isOurs(session, state),
  )
  const folder = outputFolder(project)
  const remembered = new Set(readMemory(folder))
  const known = kept.map((state) =>
    remembered.has(state.dedupKey) ? { ...state, told: 'open' as const } : state,
  )
  const ageing =
    syncs === undefined ? undefined : await ageingNews(session, alerts, ledger, syncs, kept)
  const all = { ...news, syncs: [...news.syncs, ...(ageing?.syncs ?? [])] }
  const nowMs = ageing?.nowMs ?? io.clock()
  const left = leftStates(session, known, remembered)
  const ofAlerts = alerts.flatMap((alert) => {
    const own = known.filter((state) => state.alert === alert.name)
    const findings = findingsFor(alert, all, nowMs)
    const key = keyOf(session, alert)
    const decided = decide(alert, findings, own, key)
    // Told when the warehouse was down, and over now.
    const over = findings
      .filter((finding) => remembered.has(key(finding)))
      .map((finding) => ({ ...finding, alert: alert.name, dedupKey: key(finding) }))
    const isDecided = new Set(decided.map((change) => change.dedupKey))
    return [...decided, ...over.filter((one) => !isDecided.has(one.dedupKey))]
  })
  const changes = [...ofAlerts, ...left.map(endLeft)]
  if (changes.length === 0) return
  progress.isClaimed = true
  const toldAlready = new Map([...remembered].map((key) => [key, 'open'] as const))
  const pause = () => delivery.sleep(longestPauseMs * io.random(), delivery.signal).catch(() => {})
  const claim = { targetName: project.targetName, holder, toldAlready, pause }
  const claimed = await claimAlerts(ledger, changes, claim)
  if (remembered.size > 0) {
    const settled = new Set(changes.map((change) => change.dedupKey))
    writeMemory(
      folder,
      [...remembered].filter((key) => !settled.has(key)),
    )
  }
  const place = placeOf(project, portalId)
  const isLeft = new Set(left.map(({ dedupKey }) => dedupKey))
  const results = await Promise.all([
    tellStates(session, alerts, claimed, place, delivery),
    tellLeft(
      session,
      claimed.filter(({ dedupKey }) => isLeft.has(dedupKey)),
      place,
      delivery,
    ),
  ])
  await settleAlerts(ledger, holder, results.flat())
}

/** Another project may keep its own in the same schema. */
export const isOurs = (session: Pick<Session, 'project'>, state: AlertState): boolean =>
  keyOf(session, { name: state.alert })(state) === state.dedupKey

async function ageingNews(
  { project, io }: Session,
  alerts: readonly Alert[],
  ledger: Ledger,
  syncs: readonly string[],
  kept: readonly AlertState[],
): Promise<{ readonly syncs: News['syncs']; readonly nowMs: number }> {
  const asksAge = alerts.some(({ staleAfterMs }) => staleAfterMs !== undefined)
  const none: LastRuns = { through: new Map(), nowMs: undefined }
  const { through, nowMs = io.clock() } = asksAge ? await readLastThrough(ledger) : none
  const known = kept.flatMap(({ sync, status }) =>
    sync === null || status === 'closed' ? [] : [sync],
  )
  const setting = { target: project.targetName, secrets: project.secrets }
  const facts = { syncs, known: [...new Set(known)], through, nowMs }
  return { syncs: newsOfTime(facts, setting).syncs, nowMs }
}

/** Sends what is untold, all channels at the same time. */
async function tellStates(
  session: Session,
  alerts: readonly Alert[],
  states: readonly AlertState[],
  place: Place,
  delivery: Delivery,
): Promise<readonly Told[]> {
  const results = await Promise.all(
    alerts.map(async (alert): Promise<readonly Told[]> => {
      const own = states.filter((state) => state.alert === alert.name)
      const isToTell = (state: AlertState) =>
        isUntold(state) && (state.status === 'open' || alert.tellsRecovery)
      const untold = own.filter(isToTell)
      const quiet = own.filter((state) => !isToTell(state))
      const notices = untold.map((state) => noticeOf(state, alert, place))
      const outcomes = await sendLogged(session, alert, notices, place, delivery)
      return [
        ...quiet.map((state) => ({ dedupKey: state.dedupKey })),
        ...untold.map((state, index) => toldOf(state, outcomes[index])),
      ]
    }),
  )
  return results.flat()
}

const toldOf = ({ dedupKey: key }: AlertState, outcome: Outcome | undefined): Told =>
  outcome?.isTold === true
    ? { dedupKey: key }
    : { dedupKey: key, error: outcome?.why ?? 'not reached' }

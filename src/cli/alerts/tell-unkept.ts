import type { Alert } from '../../alert/alert.ts'
import type { Delivery } from '../../alert/post.ts'
import { noticeOf } from '../../alert/words.ts'
import { outputFolder } from '../session.ts'
import { readMemory, writeMemory } from './alert-memory.ts'
import { type AlertRequest, keyOf, placeOf, sendLogged } from './send-logged.ts'

/** Without the warehouse: what concerns the run as a whole, once as far as a file of this machine remembers. */
export async function tellUnkept(
  { session, news, portalId }: AlertRequest,
  alerts: readonly Alert[],
  delivery: Delivery,
): Promise<void> {
  const { project, io, log } = session
  if (news.run?.isThere !== true) {
    log.warn('Alerts wait for the next run: only the warehouse knows what they have told')
    return
  }
  const { words } = news.run
  const folder = outputFolder(project)
  const told = new Set(readMemory(folder))
  const place = placeOf(project, portalId)
  const since = new Date(io.clock()).toISOString()
  await Promise.all(
    alerts.map(async (alert) => {
      const key = keyOf(session, alert)({ sync: null, trouble: 'failure' })
      if (told.has(key) || !alert.when.includes('failure')) return
      const state = { dedupKey: key, alert: alert.name, sync: null, since, words }
      const notice = noticeOf({ ...state, trouble: 'failure', status: 'open' }, alert, place)
      const [outcome] = await sendLogged(session, alert, [notice], place, delivery)
      if (outcome?.isTold === true) told.add(key)
    }),
  )
  writeMemory(folder, [...told])
}

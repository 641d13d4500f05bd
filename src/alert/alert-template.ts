import { didYouMean } from '../suggest.ts'
import { liquid } from '../template/liquid.ts'
import type { Notice, Place } from './alert.ts'

/** What a template of an alert may name, and what it stands for. One place for the check and the documentation. */
export const templateVariables = {
  'alert.name': 'name of the alert',
  'alert.sync': 'the sync; empty when the run as a whole failed',
  'alert.problem': '`failure`, `rejected`, `guard`, `stale`, or `test`',
  'alert.state': '`open` when it begins, `closed` when it is over',
  'alert.title': 'the usual subject, without the project',
  'alert.what': 'what happened, in lines',
  'alert.steps': 'what to do about it, in lines',
  'alert.command': 'the command to begin with; empty when there is none',
  'alert.since': 'when it began or was over, in ISO 8601',
  'alert.run_id': 'the run, as in the table `runs`; empty when there was none',
  'alert.project': 'name of the dbt project',
  'alert.target': 'dbt target',
  'alert.portal_id': 'HubSpot account; empty when it is not known',
} as const

type Variable = keyof typeof templateVariables

const names = Object.keys(templateVariables).map((name) => name.replace('alert.', ''))

/** What is wrong with a template; undefined when it can be used. */
export function templateProblem(
  text: string,
): { readonly message: string; readonly hint?: string } | undefined {
  try {
    const parts = liquid().parse(text)
    const { globals } = liquid().analyzeSync([...parts], { partials: false })
    for (const { segments } of Object.values(globals).flat()) {
      const [root, name] = segments
      if (root === 'alert' && typeof name === 'string' && names.includes(name)) continue
      const asked = root === 'alert' ? String(name ?? '') : String(root)
      return {
        message: `The template knows no \`${segments.map(String).join('.')}\``,
        hint: `${didYouMean(asked, names)} Each is written alert.NAME.`,
      }
    }
    return undefined
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { message: `The template cannot be read: ${line}` }
  }
}

/** Templates that failed once. One that never comes to an end takes a second until it is stopped, and nothing else is done meanwhile. */
const failed = new Set<string>()

/** @returns undefined when the template gives no text: the usual words are taken then */
export function renderAlertTemplate(
  template: string,
  notice: Pick<Notice, 'alert' | 'sync' | 'trouble' | 'status' | 'since' | 'words'>,
  place: Place,
): string | undefined {
  const { words } = notice
  const values: Readonly<Record<Variable, string>> = {
    'alert.name': notice.alert,
    'alert.sync': notice.sync ?? '',
    'alert.problem': notice.trouble,
    'alert.state': notice.status,
    'alert.title': words.title,
    'alert.what': words.what.join('\n'),
    'alert.steps': words.steps.join('\n'),
    'alert.command': words.command ?? '',
    'alert.since': notice.since,
    'alert.run_id': words.runId ?? '',
    'alert.project': place.project,
    'alert.target': place.target,
    'alert.portal_id': place.portalId ?? '',
  }
  const alert = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name.replace('alert.', ''), value]),
  )
  if (failed.has(template)) return undefined
  try {
    const text = String(liquid().parseAndRenderSync(template, { alert })).trim()
    return text === '' ? undefined : text
  } catch {
    failed.add(template)
    return undefined
  }
}

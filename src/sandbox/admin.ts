import { type Answer, answer, refuseInvalid, refuseMissing } from './answers.ts'
import type { Control } from './control.ts'
import { readFault } from './fault-text.ts'
import type { FaultRule } from './faults.ts'
import type { RawRequest } from './respond.ts'
import { SandboxUsageError } from './usage-error.ts'

/** Records and requests answered at once unless `limit` says otherwise. */
const DEFAULT_PAGE = 1000

/**
 * Answers `/_sandbox/…`, where other processes look at and prepare the sandbox. It is not part of HubSpot,
 * needs no token, counts against no limit and is not logged.
 */
export function administer(raw: RawRequest, control: Control): Answer {
  const [, area, objectType, recordId] = raw.path.split('/').filter((segment) => segment !== '')
  const query = new URLSearchParams(raw.query)
  try {
    switch (`${raw.method} ${area ?? ''}`) {
      case 'GET requests':
        return answer(200, {
          results: control.requests().slice(-Number(query.get('limit') ?? DEFAULT_PAGE)),
        })
      case 'GET stats':
        return answer(200, control.counts())
      case 'GET violations':
        return answer(200, { results: control.violations })
      case 'GET records':
        return answer(200, pageOf(control, objectType ?? '', query))
      case 'GET events':
        return answer(200, { results: control.events() })
      case 'POST events':
        control.defineEvents(bodiesOf(raw.body))
        return { status: 204 }
      case 'GET links':
        return answer(200, { results: linksOf(control, raw.path) })
      case 'POST labels':
        return answer(201, { typeIds: defineLabel(control, raw.path, raw.body) })
      case 'GET lists':
        return answer(200, { results: control.lists() })
      case 'POST records':
        return answer(201, { ids: seed(control, objectType ?? '', JSON.parse(raw.body)) })
      case 'PATCH records':
        control.changeRecord(objectType ?? '', recordId ?? '', JSON.parse(raw.body))
        return { status: 204 }
      case 'DELETE records':
        control.archiveRecord(objectType ?? '', recordId ?? '')
        return { status: 204 }
      case 'POST faults':
        for (const rule of rulesOf(raw.body)) control.addFault(rule)
        return { status: 204 }
      case 'DELETE faults':
        control.clearFaults()
        return { status: 204 }
      case 'POST reset':
        control.reset()
        return { status: 204 }
      default:
        return refuseMissing(`The sandbox has no ${raw.method} ${raw.path}`)
    }
  } catch (error) {
    if (error instanceof SandboxUsageError || error instanceof SyntaxError) {
      return refuseInvalid(error.message)
    }
    throw error
  }
}

function pageOf(control: Control, objectType: string, query: URLSearchParams) {
  const start = Number(query.get('after') ?? 0)
  const limit = Number(query.get('limit') ?? DEFAULT_PAGE)
  const records = control.records(objectType)
  return { total: records.length, results: records.slice(start, start + limit) }
}

/** `/_sandbox/links/{objectType}/{id}/{toObjectType}` */
function linksOf(control: Control, path: string) {
  const [, , objectType = '', id = '', to = ''] = path.split('/').filter((part) => part !== '')
  return control.links(objectType, id, to)
}

/** `/_sandbox/labels/{objectType}/{toObjectType}`, with the body that HubSpot's endpoint takes; the name may be left out. */
function defineLabel(control: Control, path: string, body: string) {
  const [, , from = '', to = ''] = path.split('/').filter((part) => part !== '')
  return control.defineLabel(from, to, JSON.parse(body))
}

/** The body is a list of value maps, or `{records: [...]}`. */
function seed(control: Control, objectType: string, body: unknown): readonly string[] {
  const listed = Array.isArray(body) ? body : (body as { records?: unknown } | null)?.records
  if (!Array.isArray(listed)) throw new SandboxUsageError('A list of records was expected.')
  return control.seedRecords(objectType, listed)
}

/** One body of a definition, or a list. */
function bodiesOf(text: string): readonly Readonly<Record<string, unknown>>[] {
  const body: unknown = JSON.parse(text)
  return Array.isArray(body) ? body : [body as Readonly<Record<string, unknown>>]
}

/** One fault or a list, each as an object or in the words of the command line; bare text is one in those words. */
function rulesOf(text: string): readonly FaultRule[] {
  const trimmed = text.trim()
  const body: unknown = /^[[{"]/.test(trimmed) ? JSON.parse(trimmed) : trimmed
  return (Array.isArray(body) ? body : [body]).map(readFault)
}

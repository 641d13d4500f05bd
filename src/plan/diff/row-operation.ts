import { raw, type Sql } from '../../warehouse/sql.ts'
import { type DiffSpec, waitReasons } from '../diff-spec.ts'
import { hasTemplates } from '../templates/template-inputs.ts'
import { departedOperation } from './departed.ts'

/** What is done about a row, by what it differs in and why it is refused. Over the step `judged`. */
export function rowOperation(spec: DiffSpec): Sql {
  if (spec.list !== undefined) {
    return raw(`case
    when is_present is null then ${departedOperation(spec)}
    when ${isRefusedForGood} then 'reject'
    else '${spec.list.operation}' end`)
  }
  const isEvent = spec.event !== undefined
  return raw(`case
    when is_present is null then ${departedOperation(spec)}
    ${spec.start === undefined ? '' : "when reason = 'before_start' then 'skip'\n    "}when ${isEvent ? isRefusedForGood : 'reason is not null'} then 'reject'
    when ${isEvent ? 'is_sent = 0' : 'record_id is null'} then '${operationOfNew(spec)}'
    when ${isSame(spec)} then 'refresh'
    else 'update' end`)
}

/** What waits for somebody else's record is planned like what is let through. */
const isRefusedForGood = `reason is not null and reason not in (${waitReasons.map((reason) => `'${reason}'`).join(', ')})`

function operationOfNew({ event, mode }: DiffSpec): string {
  if (event !== undefined) return 'send'
  if (mode === 'insert') return 'create'
  return mode === 'update' ? 'update' : 'upsert'
}

/** Insert mode sends a row once: one that has its record has nothing to send any more. */
function isSame(spec: DiffSpec): string {
  if (spec.mode === 'insert') return '1 = 1'
  // Where nothing can be rendered, whatever a template gives may be another value.
  return hasTemplates(spec) && spec.plan === undefined ? '1 = 0' : "changed_properties = '[]'"
}

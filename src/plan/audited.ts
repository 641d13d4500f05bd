import { createHash } from 'node:crypto'
import type { AuditValues } from '../types.ts'

/** A value as the audit may show it; null where it may not. */
export function audited(value: string, auditValues: AuditValues): string | null {
  switch (auditValues) {
    case 'full':
      return value
    case 'hashed':
      return createHash('sha256').update(value).digest('hex')
    case 'none':
      return null
  }
}

/** What a row says of the other record of a link: keys and ids are shown, what one is looked up by is a value. */
export const auditedTarget = (
  association: string,
  target: string,
  auditValues: AuditValues,
): string | null => (/^[^/]*\/(sync|id):/.test(association) ? target : audited(target, auditValues))

import type { Account } from '../../types.ts'

/** The record in HubSpot's app; null where the account's host is not known: it differs by region. */
export function recordUrl(
  { portalId, uiDomain }: Account,
  objectTypeId: string,
  recordId: string,
): string | null {
  if (uiDomain === undefined || !/^[\w.-]+$/.test(uiDomain)) return null
  return `https://${uiDomain}/contacts/${portalId}/record/${objectTypeId}/${encodeURIComponent(recordId)}`
}

import type { Account } from '../types.ts'
import { isLoopback, SETTINGS_FILE, type Settings } from './settings.ts'

export type WritePermission =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly why: string; readonly hint: string }

/**
 * `accountType` of sandboxes and test accounts. The others are `STANDARD` and `APP_DEVELOPER`, by HubSpot's OpenAPI
 * spec of account-info (2026-03).
 */
const SANDBOX_TYPES: readonly string[] = ['SANDBOX', 'DEVELOPER_TEST']

/**
 * Whether a target may write to a portal: a listed target to the portal it names, any other target only to a sandbox
 * (a loopback address, or a portal whose account type says so). Asked once, before anything is written.
 */
export function writePermission(
  targetName: string,
  settings: Pick<Settings, 'writingTargets' | 'portalId'>,
  baseUrl: string,
  account: Account,
): WritePermission {
  if (settings.portalId !== undefined && settings.portalId !== account.portalId) {
    return {
      allowed: false,
      why: `the target ${targetName} writes to portal ${settings.portalId}, but the access token belongs to portal ${account.portalId}`,
      hint: `Use a token of portal ${settings.portalId}, or change \`targets.${targetName}.portal_id\` in ${SETTINGS_FILE}.`,
    }
  }
  if (settings.writingTargets.includes(targetName)) return { allowed: true }
  if (isLoopback(baseUrl) || SANDBOX_TYPES.includes(account.accountType)) return { allowed: true }
  return {
    allowed: false,
    why: `the target ${targetName} may not write to portal ${account.portalId}, which is no sandbox (${account.accountType})`,
    hint: `Choose a target that may (--target), or list it in ${SETTINGS_FILE}: \`targets: {${targetName}: {portal_id: ${account.portalId}}}\`. \`backhaul plan\` writes nothing and works for every target.`,
  }
}

import { UserError } from '../../errors.ts'
import { examineProject, type ProjectFacts } from '../../project/find-project.ts'
import { type Checklist, closingLine, createChecklist } from '../checklist.ts'
import { checkHubspot } from '../checks/hubspot-checks.ts'
import { checkMappings } from '../checks/mapping-checks.ts'
import { checkFiles, checkManifest, checkVersions } from '../checks/project-checks.ts'
import { checkWarehouse } from '../checks/warehouse-checks.ts'
import type { Io } from '../command-line/io.ts'
import type { Arguments } from '../command-line/option.ts'
import { findOptions, openLog } from '../session.ts'

/** Checks all that a run needs, one after the other, and goes on where it can. */
export async function handle(args: Arguments, io: Io): Promise<number> {
  const isJson = args['output'] === 'json'
  const list = createChecklist(io, !isJson)
  checkVersions(list)
  const facts = findFacts(args, io, list)
  if (facts !== undefined) await checkAll(facts, args, io, list)
  const failed = list.checks.filter((check) => check.status === 'error').length
  if (isJson) io.stdout(`${JSON.stringify({ passed: failed === 0, checks: list.checks })}\n`)
  else io.stdout(`\n${closingLine(list.checks)}\n`)
  return failed === 0 ? 0 : 1
}

function findFacts(args: Arguments, io: Io, list: Checklist): ProjectFacts | undefined {
  try {
    return examineProject(findOptions(args, io))
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode === 2) throw error
    list.problems('project', error.problems)
    return undefined
  }
}

async function checkAll(
  facts: ProjectFacts,
  args: Arguments,
  io: Io,
  list: Checklist,
): Promise<void> {
  const session = openLog({ 'log-level': 'warn', ...args }, io, facts)
  const { profile, settings } = facts
  const token = settings?.token
  list.hide(token?.kind === 'token' ? [token.token, ...facts.secrets] : facts.secrets)
  checkFiles(facts, list)
  const loaded = await checkManifest(facts, session, args, list)
  const syncs = loaded?.selected ?? []
  if (settings === undefined || profile === undefined) {
    list.skip('warehouse', 'profile and settings are needed first')
  }
  if (settings === undefined) return list.skip('HubSpot', 'settings are needed first')
  const warehouse =
    profile === undefined
      ? undefined
      : await checkWarehouse({ ...session, project: { ...profile, settings } }, syncs, list)
  try {
    const project = { settings, env: facts.env }
    const schemas = await checkHubspot({ ...session, project }, profile?.targetName, syncs, list)
    const { ledger, readable = new Set<string>() } = warehouse ?? {}
    await checkMappings({ ledger, readable, schemas }, syncs, list)
  } finally {
    await warehouse?.ledger.warehouse.close()
  }
}

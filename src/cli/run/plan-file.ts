import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../errors.ts'
import { makeFolder } from '../../make-folder.ts'
import type { SealedPlan } from '../../plan/plan-digest.ts'
import type { RunOptions } from '../../run/context.ts'
import { type OwnFile, readOwnFile, unwritable } from '../own-file.ts'
import { bytesOf, countOf } from '../render/words.ts'
import { writeWhole } from '../write-whole.ts'

/** Raised whenever a file could not be compared with what a later release plans. */
const formatVersion = 1

const kind = 'backhaul-plan-file'

const digest = z.string().regex(/^[0-9a-f]{64}$/)

const planFileSchema = z.strictObject({
  kind: z.literal(kind),
  version: z.literal(formatVersion),
  backhaul: z.string(),
  plannedAt: z.string(),
  project: z.string(),
  target: z.string(),
  portalId: z.string(),
  /** Goes into the digests. */
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  /** A secret that is not in here goes into them, too. */
  isSecret: z.boolean(),
  /** Tells whether it is the same one. */
  check: digest,
  /** What of the command line decides about the plan. */
  flags: z.strictObject({
    fullRefresh: z.boolean(),
    limit: z.number().nullable(),
    /** Digest of the keys of `--row`. */
    rows: digest.nullable(),
  }),
  syncs: z.array(
    z.strictObject({
      sync: z.string(),
      model: z.string(),
      relation: z.string(),
      definition: digest,
      operations: z.array(
        z.strictObject({ operation: z.string(), rows: z.number(), digest: digest }),
      ),
      makes: z.array(z.string()),
    }),
  ),
  /** Digest of all of the above. */
  checksum: digest,
})

/** A plan that a run can be held to: counts and digests, no values. */
export interface PlanFile {
  readonly backhaul: string
  readonly plannedAt: string
  readonly project: string
  readonly target: string
  readonly portalId: string
  readonly salt: string
  readonly isSecret: boolean
  readonly check: string
  readonly flags: PlanFlags
  readonly syncs: readonly SealedPlan[]
}

export interface PlanFlags {
  readonly fullRefresh: boolean
  readonly limit: number | null
  readonly rows: string | null
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What of the options decides about a plan. Keys may tell who a row is about: they are kept as a digest. */
export const planFlags = (
  { isFullRefresh, limit, onlyRows }: RunOptions,
  seal: string,
): PlanFlags => ({
  fullRefresh: isFullRefresh,
  limit: limit ?? null,
  rows: onlyRows === undefined ? null : sha256(JSON.stringify([seal, ...[...onlyRows].sort()])),
})

/** @throws UserError where a file of somebody else stands there */
export function checkPlanFilePlace(file: OwnFile): void {
  readOwnFile(file, {
    command: 'backhaul plan --out',
    isOurs: (text) => text.includes(`"kind": "${kind}"`),
    isForced: false,
    otherwise: 'Choose another file with --out, or remove this one.',
  })
}

/** Writes a plan file, whole or not at all. */
export function writePlanFile({ path, shown }: OwnFile, plan: PlanFile): void {
  const content = { kind, version: formatVersion, ...plan }
  const text = `${JSON.stringify({ ...content, checksum: sha256(JSON.stringify(content)) }, null, 2)}\n`
  try {
    makeFolder(dirname(path))
    writeWhole(path, text)
  } catch (error) {
    throw unwritable(shown, error)
  }
}

/** A thousand times what a plan of many syncs takes. */
const longestFile = 64 * 1024 ** 2

/** The text of a file, a pipe or standard input; undefined where there is more of it. */
function firstOf(path: string, longest: number): string | undefined {
  const file = openSync(path, 'r')
  try {
    const pieces: Buffer[] = []
    let length = 0
    while (length <= longest) {
      const piece = Buffer.alloc(1024 ** 2)
      const read = readSync(file, piece)
      if (read === 0) return Buffer.concat(pieces).toString('utf8')
      pieces.push(piece.subarray(0, read))
      length += read
    }
    return undefined
  } finally {
    closeSync(file)
  }
}

const makeAnother = 'Make it again: backhaul plan --out FILE'

/** @throws UserError that says what is wrong with the file */
export function readPlanFile({ path, shown }: OwnFile): PlanFile {
  const refuse = (message: string, hint = makeAnother) =>
    new UserError({ message, where: { file: shown }, hint })
  let text: string | undefined
  try {
    text = firstOf(path, longestFile)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw refuse(code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`)
  }
  if (text === undefined) throw refuse(`is no plan file: it is longer than ${bytesOf(longestFile)}`)
  const content = parsed(text)
  if (content?.['kind'] !== kind) throw refuse('is no plan file, or is damaged')
  if (typeof content['version'] === 'number' && content['version'] > formatVersion) {
    throw refuse(
      `has version ${content['version']}, and this release knows ${formatVersion}`,
      'Run with the release that planned, or plan again with this one.',
    )
  }
  const known = planFileSchema.safeParse(content)
  if (!known.success) throw refuse('is damaged')
  const { checksum, ...rest } = content
  if (checksum !== sha256(JSON.stringify(rest))) {
    throw refuse('was changed after it was written: its checksum is another one')
  }
  const { kind: _kind, version: _version, checksum: _checksum, ...file } = known.data
  return file as PlanFile
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Refuses what can be known to differ before anything is connected to. @throws UserError */
export function checkPlanFile(
  file: PlanFile,
  shown: string,
  now: { readonly project: string; readonly target: string; readonly flags: PlanFlags },
): void {
  const refuse = (message: string, hint: string) =>
    new UserError({ message, where: { file: shown }, hint })
  if (file.project !== now.project)
    throw refuse(
      `is a plan of project ${file.project}, and this is ${now.project}`,
      'Run it in the folder of its project.',
    )
  if (file.target !== now.target)
    throw refuse(
      `is a plan for target ${file.target}, and the run is for ${now.target}`,
      `Run it with --target ${file.target}, or plan for ${now.target}.`,
    )
  const flags = flagDifferences(file.flags, now.flags)
  if (flags.length > 0)
    throw refuse(
      `was planned otherwise than the run is asked for: ${flags.join(', ')}`,
      'Give `run` the flags that `plan` was given.',
    )
}

function flagDifferences(then: PlanFlags, now: PlanFlags): readonly string[] {
  const said = (isGiven: boolean, flag: string) => `${isGiven ? 'with' : 'without'} ${flag}`
  const limit = then.limit === null ? 'without --limit' : `with --limit ${then.limit}`
  return [
    ...(then.fullRefresh === now.fullRefresh ? [] : [said(then.fullRefresh, '--full-refresh')]),
    ...(then.limit === now.limit ? [] : [limit]),
    ...(then.rows === now.rows
      ? []
      : [then.rows === null ? 'without --row' : 'with --row, for other rows']),
  ]
}

/** @throws UserError where the plan is one for another HubSpot account */
export function checkPlanPortal(file: PlanFile, shown: string, portalId: string): void {
  if (file.portalId === portalId) return
  throw new UserError({
    message: `is a plan for HubSpot account ${file.portalId}, and the token is for ${portalId}`,
    where: { file: shown },
    hint: 'Use the token of that account, or plan for this one.',
  })
}

/** `3 syncs, 120 operations`, for whoever wrote a file. */
export function describePlanFile({ syncs }: Pick<PlanFile, 'syncs'>): string {
  const rows = syncs
    .flatMap(({ operations }) => operations)
    .reduce((sum, operation) => sum + operation.rows, 0)
  return `${countOf(syncs.length, 'sync')}, ${countOf(rows, 'operation')}`
}

export const plansBySync = ({ syncs }: Pick<PlanFile, 'syncs'>): ReadonlyMap<string, SealedPlan> =>
  new Map(syncs.map((one) => [one.sync, one]))

import { createHash, createHmac, randomBytes } from 'node:crypto'
import { UserError } from '../../errors.ts'
import type { Io } from '../command-line/io.ts'
import type { PlanFile } from './plan-file.ts'

/**
 * Whoever has a plan file and knows all of a row but one value could try values until a digest fits: the salt is in the file. With a secret of the
 * user's, the same for `plan` and `run`, the file alone tells nothing.
 */
const variable = 'BACKHAUL_PLAN_SECRET'

/** What goes into the digests of a plan file. */
export interface PlanSeal {
  readonly seal: string
  /** What the file says of it. */
  readonly facts: Pick<PlanFile, 'salt' | 'isSecret' | 'check'>
}

export function newSeal({ env }: Pick<Io, 'env'>): PlanSeal {
  const secret = env[variable] ?? ''
  const salt = randomBytes(16).toString('hex')
  const seal = sealed(salt, secret)
  return { seal, facts: { salt, isSecret: secret !== '', check: checkOf(seal) } }
}

/** @throws UserError where the file was made with a secret that is not the one at hand */
export function sealOf(
  { salt, isSecret, check }: PlanFile,
  shown: string,
  { env }: Pick<Io, 'env'>,
): string {
  const secret = isSecret ? (env[variable] ?? '') : ''
  const seal = sealed(salt, secret)
  if (checkOf(seal) === check) return seal
  throw new UserError({
    message:
      secret === ''
        ? `was planned with ${variable}, which is not set here`
        : `was planned with another ${variable}`,
    where: { file: shown },
    hint: 'Set it as it was for `plan`, or plan again.',
  })
}

const sealed = (salt: string, secret: string): string =>
  createHmac('sha256', secret).update(salt).digest('hex')

const checkOf = (seal: string): string => createHash('sha256').update(`check ${seal}`).digest('hex')

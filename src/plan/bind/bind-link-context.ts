import type { Problem } from '../../errors.ts'
import { meantBy } from '../../suggest.ts'
import type { Association, LinkedObject, LinkType } from '../../types.ts'
import type { Column, TypeFamily } from '../../warehouse/dialect.ts'
import type { LinkTypeText } from '../diff-spec.ts'
import type { Resolve } from './bind-match.ts'

/** What the parts of an entry of `associations:` are checked with. */

export type Tell = (key: string, problem: Omit<Problem, 'where'>) => void

export interface LinkContext {
  readonly association: Association
  readonly other: LinkedObject
  /** The object that links lead from. */
  readonly from: string
  readonly columns: readonly Column[]
  readonly resolve: Resolve
  readonly tell: Tell
}

export const listFamilies: readonly TypeFamily[] = ['array', 'json']

export const textOf = ({ category, typeId }: LinkType): LinkTypeText => `${category}:${typeId}`

/** "Did you mean x? ", or nothing: there are too many names to list them. */
export function didYouMeanOne(word: string, known: readonly string[]): string {
  const meant = meantBy(word, known)
  return meant === undefined ? '' : `Did you mean \`${meant}\`? `
}

/** A type of link in one direction. */
export interface LinkDefinition {
  readonly category: 'HUBSPOT_DEFINED' | 'USER_DEFINED'
  readonly typeId: number
  /** Null of the unlabelled one. */
  label: string | null
  /** Internal name; no answer has it. */
  readonly name: string | undefined
  /** The same link seen from the other end. */
  readonly backId: number
  /** Which end has at most one link of this type. */
  readonly primaryOf?: 'from' | 'to'
}

/** All that a portal knows of links. */
export interface Links {
  /** By the two object type ids; filled when first asked for. */
  readonly definitions: Map<string, LinkDefinition[]>
  /** End → other end → types in that direction. Every link stands here twice. */
  readonly ends: Map<string, Map<string, Set<LinkDefinition>>>
  /** The id given last to a type that this account made. */
  lastTypeId: number
}

export const noLinks = (portalId: number): Links => ({
  definitions: new Map(),
  ends: new Map(),
  // Ids of an account's own types differ from account to account.
  lastTypeId: 16 + (portalId % 61),
})

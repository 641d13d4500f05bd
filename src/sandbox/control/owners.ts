import type { SandboxState } from '../state.ts'
import type { Owner } from '../store/owner.ts'

/** Users of the portal that records can belong to. */
export interface OwnerControl {
  readonly addOwner: (owner: Owner) => void
  /** Adds an owner, named by what stands before the @, that outlives a reset. */
  readonly defineOwner: (email: string) => void
}

export const ownerControl = (state: SandboxState): OwnerControl => ({
  addOwner: (owner) => {
    state.portal.owners.push(owner)
  },
  defineOwner: (email) => {
    defineOwner(state, email)
    state.keptOwners.push(email)
  },
})

/** Adds an owner by the address alone. */
export function defineOwner({ portal }: SandboxState, email: string): void {
  const userId = portal.owners.length + 1
  const [firstName = '', ...rest] = email.replace(/@.*/, '').split('.')
  const lastName = rest.join(' ')
  portal.owners.push({ id: String(userId), email, firstName, lastName, userId, archived: false })
}

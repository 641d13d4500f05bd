import { answer, refuseMissing } from '../answers.ts'
import type { Owner } from '../store/owner.ts'
import type { Portal } from '../store/portal.ts'
import { type Endpoint, param } from './request.ts'

/** `GET /crm/v3/owners`: pages of owners, or the one with an e-mail. */
export const listOwners: Endpoint = ({ query }, { portal }) => {
  const email = query.get('email')?.toLowerCase()
  const isArchived = query.get('archived') === 'true'
  const start = Number(query.get('after') ?? 0)
  const limit = Number(query.get('limit') ?? 100)
  const found = portal.owners
    .filter((owner) => owner.archived === isArchived)
    .filter((owner) => email === undefined || owner.email === email)
  const results = found.slice(start, start + limit).map((owner) => render(owner, portal))
  const end = start + limit
  if (end >= found.length) return answer(200, { results })
  return answer(200, { results, paging: { next: { after: String(end) } } })
}

/** `GET /crm/v3/owners/{ownerId}`, by id or with `idProperty=userId`. */
export const getOwner: Endpoint = (request, { portal }) => {
  const id = param(request, 'ownerId')
  const isUserId = request.query.get('idProperty') === 'userId'
  const owner = portal.owners.find((known) => (isUserId ? String(known.userId) : known.id) === id)
  return owner === undefined
    ? refuseMissing('resource not found')
    : answer(200, render(owner, portal))
}

function render(owner: Owner, portal: Portal) {
  const time = new Date(portal.createdAt).toISOString()
  return {
    ...owner,
    type: 'PERSON',
    userIdIncludingInactive: owner.userId,
    createdAt: time,
    updatedAt: time,
  }
}

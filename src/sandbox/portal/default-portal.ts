import type { Owner } from '../store/owner.ts'
import { emptyPortal, type Portal, type PortalFacts } from '../store/portal.ts'
import { COMPANY_PROPERTIES } from './company-properties.ts'
import { CONTACT_PROPERTIES } from './contact-properties.ts'
import { DEAL_PROPERTIES } from './deal-properties.ts'
import { OTHER_OBJECTS } from './other-objects.ts'
import { DEFAULT_PIPELINES } from './pipelines.ts'
import { addStandardObject, type StandardObject } from './standard-object.ts'
import { TICKET_PROPERTIES } from './ticket-properties.ts'

/** Owners every sandbox starts with. */
const DEFAULT_OWNERS: readonly Owner[] = [
  owner('41629779', 'Ada', 'Marlow', 9586501),
  owner('41629780', 'Ben', 'Okafor', 9586502),
  owner('41629781', 'Carla', 'Nyberg', 9586503),
]

const MAIN_OBJECTS: readonly StandardObject[] = [
  {
    objectTypeId: '0-1',
    name: 'contacts',
    singular: 'contact',
    requiredToCreate: [],
    properties: CONTACT_PROPERTIES,
    createdProperty: 'createdate',
    modifiedProperty: 'lastmodifieddate',
    defaultProperties: ['email', 'firstname', 'lastname'],
    primaryDisplayProperty: 'email',
  },
  {
    objectTypeId: '0-2',
    name: 'companies',
    singular: 'company',
    requiredToCreate: [['domain', 'name']],
    properties: COMPANY_PROPERTIES,
    createdProperty: 'createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaultProperties: ['domain', 'name'],
    primaryDisplayProperty: 'name',
  },
  {
    objectTypeId: '0-3',
    name: 'deals',
    singular: 'deal',
    requiredToCreate: [['dealname'], ['dealstage']],
    properties: DEAL_PROPERTIES,
    createdProperty: 'createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaultProperties: ['amount', 'closedate', 'dealname', 'dealstage', 'pipeline'],
    primaryDisplayProperty: 'dealname',
  },
  {
    objectTypeId: '0-5',
    name: 'tickets',
    singular: 'ticket',
    requiredToCreate: [['subject'], ['hs_pipeline_stage']],
    properties: TICKET_PROPERTIES,
    createdProperty: 'createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaultProperties: [
      'content',
      'hs_pipeline',
      'hs_pipeline_stage',
      'hs_ticket_category',
      'hs_ticket_priority',
      'subject',
    ],
    primaryDisplayProperty: 'subject',
  },
]

/** Makes the account the sandbox starts with: standard objects, pipelines and owners, no records. */
export function defaultPortal(facts: PortalFacts): Portal {
  const portal = emptyPortal(facts)
  portal.owners.push(...DEFAULT_OWNERS)
  for (const [objectTypeId, pipelines] of Object.entries(DEFAULT_PIPELINES)) {
    portal.pipelines.set(objectTypeId, [...pipelines])
  }
  for (const standard of [...MAIN_OBJECTS, ...OTHER_OBJECTS]) addStandardObject(portal, standard)
  return portal
}

function owner(id: string, firstName: string, lastName: string, userId: number): Owner {
  const email = `${firstName}.${lastName}@backhaul.example`.toLowerCase()
  return { id, email, firstName, lastName, userId, archived: false }
}

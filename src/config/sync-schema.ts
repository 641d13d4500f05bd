import { eventSync } from './event-schema.ts'
import { listSync } from './list-schema.ts'
import { objectSync } from './object-schema.ts'

/** The schema for each `type:`. */
export const syncSchemas = { object: objectSync, event: eventSync, list: listSync } as const

export type SyncType = keyof typeof syncSchemas

import type { z } from 'zod'
import { eventSync } from './event-schema.ts'
import { listSync } from './list-schema.ts'
import type { Block } from './merge.ts'
import { objectSync } from './object-schema.ts'

/** The schema for each `type:`. */
export const syncSchemas = { object: objectSync, event: eventSync, list: listSync } as const

export type SyncType = keyof typeof syncSchemas

/** Of the defaults of a whole project those that concern a type of sync: what only other types take is meant for those. */
export function defaultsFor(type: SyncType, defaults: Block): Block {
  const others = Object.values(syncSchemas).filter((schema) => schema !== syncSchemas[type])
  return Object.fromEntries(
    Object.entries(defaults).filter(
      ([key, value]) =>
        takes(syncSchemas[type], key, value) || !others.some((other) => takes(other, key, value)),
    ),
  )
}

function takes({ shape }: (typeof syncSchemas)[SyncType], key: string, value: unknown): boolean {
  const schema = new Map<string, z.ZodType>(Object.entries(shape)).get(key)
  return schema?.safeParse(value).success === true
}

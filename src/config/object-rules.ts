import type { Finding } from './check.ts'
import { startRules } from './normalise-start.ts'
import type { Parsed } from './parsed-sync.ts'
import { keyRules } from './primary-key.ts'

/** What concerns one sync alone, beside its match and its mappings. */
export function* objectRules(parsed: Parsed): Generator<Finding> {
  yield* modelRules(parsed)
  yield* keyRules(parsed)
  yield* removalRules(parsed)
  yield* startRules(parsed)
  yield* trackingRules(parsed)
  if (parsed.input.previous_name === parsed.name) {
    yield { path: ['previous_name'], message: "is the sync's present name" }
  }
}

function* modelRules({ model }: Parsed): Generator<Finding> {
  if (model.relationName !== undefined) return
  yield {
    path: [],
    message: `the model ${model.name} has no table: it is ${model.materialized}`,
    hint: 'Give it `materialized: table`, `view` or `incremental`.',
  }
}

/** What is taken off again when rows, or links of rows, are gone. */
function* removalRules({ input }: Parsed): Generator<Finding> {
  if (input.mode !== 'upsert' && input.on_delete === 'delete') {
    yield {
      path: ['on_delete'],
      message: `\`delete\` needs mode upsert, not ${input.mode}`,
      hint: 'Only records that a sync creates and updates are its own to delete.',
    }
  }
  if (input.mode === 'insert' && input.on_delete === 'clear') {
    yield {
      path: ['on_delete'],
      message: '`clear` does not go with mode insert, which never touches a record again',
    }
  }
  for (const [index, entry] of (input.associations ?? []).entries()) {
    if (input.mode !== 'insert' || entry.on_removed !== 'remove') continue
    yield {
      path: ['associations', index, 'on_removed'],
      message: '`remove` does not go with mode insert, which sends a row and its links once',
    }
  }
  if (input.delete_adopted && input.on_delete !== 'delete') {
    yield { path: ['delete_adopted'], message: 'only goes with `on_delete: delete`' }
  }
}

function* trackingRules({ input, columns }: Parsed): Generator<Finding> {
  const name = input.tracking_property
  if (name === undefined) return
  const path = ['tracking_property']
  if (input.mode === 'update') {
    yield { path, message: 'does not go with mode update, which creates nothing' }
  }
  if (Object.hasOwn(input.match ?? {}, name)) {
    yield {
      path,
      message: `${name} is the match property, too`,
      hint: 'Leave `tracking_property` out: upserts by a unique property are safe to repeat as they are.',
    }
  } else if (
    Object.hasOwn(input.properties, name) ||
    columns.some(({ mapping: { property } }) => property === name)
  ) {
    yield {
      path,
      message: `${name} is mapped, too`,
      hint: "Take it out of the mapping: it holds the row's id.",
    }
  }
}

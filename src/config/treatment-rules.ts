import type { Finding, Path } from './check.ts'
import type { PropertyObject } from './property-schema.ts'

/** What a mapping says of its property, wherever it stands. */
export type Treatment = Partial<
  Pick<
    PropertyObject,
    | 'as'
    | 'timezone'
    | 'nulls'
    | 'write'
    | 'on_invalid'
    | 'allow_backwards'
    | 'create_missing'
    | 'type'
    | 'options'
    | 'unique'
    | 'shared'
  >
>

/** What does not go together in what a mapping says of its property. */
export function* treatmentRules(
  property: string,
  path: Path,
  treatment: Treatment,
): Generator<Finding> {
  const { allow_backwards, type, unique } = treatment
  if (allow_backwards === true && property !== 'lifecyclestage') {
    yield {
      path: [...path, 'allow_backwards'],
      message: 'only goes with `lifecyclestage`: other properties move freely',
    }
  }
  yield* optionRules(path, treatment)
  if (unique === true && type !== undefined && type !== 'string' && type !== 'number') {
    yield { path: [...path, 'unique'], message: `only goes with text and numbers, not ${type}` }
  }
}

function* optionRules(path: Path, { type, options }: Treatment): Generator<Finding> {
  if (options !== undefined && type !== undefined && type !== 'enumeration') {
    yield { path: [...path, 'options'], message: `only go with type enumeration, not ${type}` }
  }
  const values = (options ?? []).map((option) =>
    typeof option === 'string' ? option : option.value,
  )
  const twice = values.find((value, index) => values.indexOf(value) < index)
  if (twice !== undefined) {
    yield { path: [...path, 'options'], message: `name the value ${twice} twice` }
  }
  const separated = values.find((value) => value.includes(';'))
  if (separated !== undefined) {
    yield {
      path: [...path, 'options'],
      message: `hold ${separated}; a semicolon separates the values of a multi-checkbox`,
    }
  }
}

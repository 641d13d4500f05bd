import type { Rendered, TypeFamily, WireForm } from './dialect.ts'
import { join, type Sql, sql } from './sql.ts'
import { falseWords, trueWords } from './wire-patterns.ts'

type Form = (value: Sql, family: TypeFamily) => Rendered

/** What the engines spell differently. Each member gives SQL that never fails, whatever the value. */
export interface EngineForms {
  readonly number: Form
  /** Of text, JSON and others: true and false as words, `word` in lower case and without white space around it. */
  readonly words: {
    readonly word: (value: Sql, family: TypeFamily) => Sql
    readonly literal: (text: string) => Sql
    readonly read: (value: Sql, family: TypeFamily, isTrue: Sql, isFalse: Sql) => Rendered
  }
  readonly moment: (
    value: Sql,
    family: TypeFamily,
    form: 'date' | 'datetime',
    wire: WireForm,
  ) => Rendered
  /** A list column as a multi-value. */
  readonly array: (value: Sql) => Rendered
  /** A JSON list as a multi-value. */
  readonly jsonList: (value: Sql) => Rendered
  /** Families that have no other form than text: binary, time, uuid, text, JSON and others. */
  readonly text: Form
  /** No value of the family has the form. */
  readonly nonsense: (value: Sql) => Rendered
}

/** `Dialect.render` of an engine: which form belongs to which family is the same everywhere. */
export function wireRenderer(
  forms: EngineForms,
): (value: Sql, family: TypeFamily, wire: WireForm) => Rendered {
  return (value, family, wire) => {
    switch (wire.kind) {
      case 'number':
        return forms.number(value, family)
      case 'boolean':
        return renderBoolean(forms, value, family)
      case 'date':
      case 'datetime':
        return forms.moment(value, family, wire.kind, wire)
      case 'multi':
        return family === 'json' ? forms.jsonList(value) : renderText(forms, value, family, wire)
      case 'text':
        return renderText(forms, value, family, wire)
    }
  }
}

function renderBoolean(forms: EngineForms, value: Sql, family: TypeFamily): Rendered {
  switch (family) {
    case 'boolean':
      return { value: sql`case when ${value} then 'true' when not ${value} then 'false' end` }
    case 'integer':
    case 'decimal':
    case 'float':
      return {
        value: sql`case ${value} when 1 then 'true' when 0 then 'false' end`,
        isInvalid: sql`coalesce(${value} not in (0, 1), false)`,
      }
    case 'text':
    case 'json':
    case 'other': {
      const { word, literal, read } = forms.words
      const isOneOf = (words: readonly string[]) =>
        sql`${word(value, family)} in (${join(words.map(literal))})`
      return read(value, family, isOneOf(trueWords), isOneOf(falseWords))
    }
    default:
      return forms.nonsense(value)
  }
}

/** The wire value of words that were recognised. */
export const wordValue = (isTrue: Sql, isFalse: Sql): Sql =>
  sql`case when ${isTrue} then 'true' when ${isFalse} then 'false' end`

function renderText(forms: EngineForms, value: Sql, family: TypeFamily, wire: WireForm): Rendered {
  switch (family) {
    case 'integer':
    case 'decimal':
    case 'float':
      return forms.number(value, family)
    case 'boolean':
      return renderBoolean(forms, value, family)
    case 'date':
      return forms.moment(value, family, 'date', { kind: 'date' })
    case 'timestamp':
    case 'timestamptz':
      return forms.moment(value, family, 'datetime', wire)
    case 'array':
      return forms.array(value)
    default:
      return forms.text(value, family)
  }
}

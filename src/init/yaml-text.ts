import { type Document, LineCounter, parseAllDocuments } from 'yaml'
import { type Block, isBlock } from '../config/merge.ts'
import { UserError } from '../errors.ts'

/** A YAML file of the user's. */
export interface YamlText {
  /** As messages name it. */
  readonly shown: string
  readonly text: string
}

/** As dbt reads it: YAML 1.1, of a key that is there twice the last counts. */
export function parseYaml({ text, shown }: YamlText): Document.Parsed {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    version: '1.1',
    uniqueKeys: false,
    merge: true,
    logLevel: 'silent',
  })
  const all = Array.isArray(documents) ? (documents as Document.Parsed[]) : []
  if (all.length > 1) {
    throw new UserError({
      message: `holds ${all.length} YAML documents, and dbt reads files of one`,
      where: { file: shown },
      hint: 'Split it into several files.',
    })
  }
  const [document] = all.length === 0 ? emptyDocuments() : all
  const [error] = document?.errors ?? []
  if (document === undefined || error !== undefined) {
    const at = error === undefined ? undefined : lines.linePos(error.pos[0])
    const [message = ''] = (error?.message ?? '').split('\n')
    throw new UserError({
      message: `is no valid YAML: ${message.replace(/ at line \d+.*$/, '')}`,
      where: { file: shown, ...(at === undefined ? {} : { line: at.line, column: at.col }) },
    })
  }
  return document
}

/** Of a file without anything in it. */
const emptyDocuments = (): Document.Parsed[] =>
  parseAllDocuments('{}') as unknown as Document.Parsed[]

/** Aliases become copies, so that a change of one is a change of one. */
export function plainValue(document: Document): Block {
  const value: unknown = JSON.parse(JSON.stringify(document.toJS() ?? {}))
  return isBlock(value) ? value : {}
}

/** Whether a text says just that. */
export function isSameValue(text: string, shown: string, wanted: Block): boolean {
  try {
    return stable(plainValue(parseYaml({ text, shown }))) === stable(wanted)
  } catch {
    return false
  }
}

/** JSON whose keys are in order. */
const stable = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    isBlock(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

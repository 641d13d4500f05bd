import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

/** A request to judge: the path without its query. */
export interface JudgedRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
}

/** Where an answer differs from its published schema. */
export interface AnswerProblem {
  /** JSON pointer into the body. */
  readonly at: string
  /** The JSON Schema keyword that is not met, or `status` and `body`. */
  readonly keyword: string
  /** The absent field where the keyword is `required`. */
  readonly missing: string | undefined
  readonly message: string
}

/** HubSpot's published contract. */
export interface OpenApiContract {
  /** Everything the specs refuse in a request; empty for a good one. */
  readonly requestProblems: (request: JudgedRequest) => readonly string[]
  readonly answerProblems: (
    request: Pick<JudgedRequest, 'method' | 'path'>,
    status: number,
    body: unknown,
  ) => readonly AnswerProblem[]
}

/** Documented, but in no spec: https://developers.hubspot.com/docs/apps/legacy-apps/private-apps/overview */
const UNSPECIFIED = ['POST /oauth/v2/private-apps/get/access-token-info']

/**
 * Loads HubSpot's OpenAPI files, which are not part of this repository: from `BACKHAUL_OPENAPI_DIR`, else from
 * `../shared/hubspot/openapi`. `undefined` where they are not there; such tests are then skipped.
 */
export function loadOpenApiContract(): OpenApiContract | undefined {
  const root = resolve(import.meta.dirname, '../..')
  const directory =
    process.env['BACKHAUL_OPENAPI_DIR'] ?? resolve(root, '../shared/hubspot/openapi')
  if (!existsSync(directory)) return undefined
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, logger: false })
  formats.default(ajv)
  const operations = readOperations(directory, ajv)
  return {
    requestProblems: (request) => {
      if (UNSPECIFIED.includes(`${request.method} ${request.path}`)) return []
      const operation = findOperation(operations, request.method, request.path)
      if (operation === undefined)
        return [`${request.method} ${request.path} is not in HubSpot's API`]
      return [
        ...queryProblems(operation, request.query),
        ...bodyProblems(operation, request.body, ajv),
      ]
    },
    answerProblems: (request, status, body) => {
      const operation = findOperation(operations, request.method, request.path)
      if (operation === undefined) return [problem('status', 'the path is not in HubSpot’s API')]
      return judgeAnswer(operation, status, body, ajv)
    },
  }
}

/** The check that a sandbox takes as `validateRequest`; `undefined` where the specs are not there. */
export function loadOpenApiValidator():
  | ((request: JudgedRequest) => readonly string[])
  | undefined {
  return loadOpenApiContract()?.requestProblems
}

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly items?: Schema
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema?: Schema
}

interface Described {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content?: Record<string, unknown> }
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, unknown> }>>
}

interface Operation {
  readonly segments: readonly string[]
  readonly literals: number
  readonly described: Described
  /** Address of the operation, for references to its schemas. */
  readonly pointer: string
}

/** Files that repeat a path of another with poorer schemas come last; of equal paths the first counts. */
const LAST = ['event-definitions.v3.json', 'event-definitions.2026-03.json']

function readOperations(directory: string, ajv: Ajv): ReadonlyMap<string, readonly Operation[]> {
  const byShape = new Map<string, Operation[]>()
  const files = readdirSync(directory).filter((file) => file.endsWith('.json'))
  files.sort((one, other) => LAST.indexOf(one) - LAST.indexOf(other))
  for (const file of files) {
    const document = JSON.parse(readFileSync(join(directory, file), 'utf8'))
    ajv.addSchema(document, file)
    for (const [path, methods] of Object.entries<Record<string, Described>>(document.paths)) {
      const segments = segmentsOf(path)
      const literals = segments.filter((segment) => !segment.startsWith('{')).length
      for (const [method, described] of Object.entries(methods)) {
        const pointer = `${file}#/${['paths', path, method].map(escaped).join('/')}`
        const shape = `${method.toUpperCase()} ${segments.length}`
        const known = byShape.get(shape) ?? []
        byShape.set(shape, known)
        known.push({ segments, literals, described, pointer })
      }
    }
  }
  // Literal paths win over templates: `contacts` over `{objectType}`.
  for (const known of byShape.values()) known.sort((one, other) => other.literals - one.literals)
  return byShape
}

function findOperation(
  operations: ReadonlyMap<string, readonly Operation[]>,
  method: string,
  path: string,
): Operation | undefined {
  const segments = segmentsOf(path)
  const candidates = operations.get(`${method.toUpperCase()} ${segments.length}`) ?? []
  return candidates.find((operation) =>
    operation.segments.every((part, place) => part.startsWith('{') || part === segments[place]),
  )
}

function queryProblems(operation: Operation, query: URLSearchParams): readonly string[] {
  const known = (operation.described.parameters ?? []).filter(({ in: place }) => place === 'query')
  const problems: string[] = []
  for (const name of new Set(query.keys())) {
    if (!known.some((parameter) => parameter.name === name))
      problems.push(`unknown query parameter ${name}`)
  }
  for (const { name, required, schema } of known) {
    const values = query.getAll(name)
    if (required && values.length === 0) problems.push(`query parameter ${name} is required`)
    const single = schema?.type === 'array' ? schema.items : schema
    for (const value of values) {
      if (!isOfType(value, single)) problems.push(`query parameter ${name} cannot be "${value}"`)
    }
  }
  return problems
}

function isOfType(value: string, schema: Schema | undefined): boolean {
  if (schema?.enum && !schema.enum.includes(value)) return false
  if (schema?.type === 'boolean') return value === 'true' || value === 'false'
  if (schema?.type === 'integer') return /^-?\d+$/.test(value)
  return true
}

function bodyProblems(operation: Operation, body: unknown, ajv: Ajv): readonly string[] {
  const { requestBody } = operation.described
  if (requestBody === undefined) return []
  if (body === undefined) return requestBody.required ? ['a body is required'] : []
  const mediaType = Object.keys(requestBody.content ?? {})[0]
  if (mediaType !== 'application/json') return []
  const validate = compiled(
    ajv,
    `${operation.pointer}/requestBody/content/${escaped(mediaType)}/schema`,
  )
  if (validate(body)) return []
  return (validate.errors ?? []).map((error) => `body${error.instancePath} ${error.message}`)
}

function judgeAnswer(
  operation: Operation,
  status: number,
  body: unknown,
  ajv: Ajv,
): readonly AnswerProblem[] {
  const { responses } = operation.described
  const listed = responses[String(status)]
  if (listed === undefined && status < 400) return [problem('status', `${status} is not announced`)]
  const file = operation.pointer.slice(0, operation.pointer.indexOf('#'))
  if (listed === undefined) return judge(compiled(ajv, `${file}#/components/schemas/Error`), body)
  const mediaType = Object.keys(listed.content ?? {})[0]
  if (mediaType === undefined)
    return body === undefined ? [] : [problem('body', 'no body is announced')]
  const at = `${operation.pointer}/responses/${status}/content/${escaped(mediaType)}/schema`
  return judge(compiled(ajv, at), body)
}

function judge(validate: ValidateFunction, body: unknown): readonly AnswerProblem[] {
  if (validate(body)) return []
  return (validate.errors ?? []).map((error: ErrorObject) => ({
    at: error.instancePath,
    keyword: error.keyword,
    missing: error.keyword === 'required' ? String(error.params['missingProperty']) : undefined,
    message: error.message ?? '',
  }))
}

function problem(keyword: string, message: string): AnswerProblem {
  return { at: '', keyword, missing: undefined, message }
}

const validators = new Map<string, ValidateFunction>()

function compiled(ajv: Ajv, reference: string): ValidateFunction {
  const known = validators.get(reference)
  if (known !== undefined) return known
  const validate = ajv.compile({ $ref: reference })
  validators.set(reference, validate)
  return validate
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

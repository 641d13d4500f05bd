import { setTimeout as sleep } from 'node:timers/promises'
import { runServer, terminateServer, ZetaSQLClient } from '@fivetrandevelopers/zetasql'
import { type CatalogTable, freePort, simpleCatalog, statementKinds } from '../zetasql.ts'

/** A parameter as jobs have it. */
export interface Parameter {
  readonly name: string
  readonly parameterType: { readonly type: string }
}

/** Google's own parser, type checker and reference implementation of GoogleSQL, as a native program. */
export interface GoogleSql {
  /** Parses and type-checks one statement. @returns what is wrong with it */
  analyze(
    statement: string,
    parameters: readonly Parameter[],
    tables: readonly CatalogTable[],
  ): Promise<string | undefined>
  /** Evaluates a query without tables. @returns its cells, row by row; integers, floats and texts only */
  evaluate(query: string): Promise<readonly (readonly (string | number | boolean | null)[])[]>
  stop(): void
}

/** Types with parameters are their plain types to the checker. */
const typeKinds: Readonly<Record<string, string>> = {
  string: 'TYPE_STRING',
  int64: 'TYPE_INT64',
  float64: 'TYPE_DOUBLE',
  bool: 'TYPE_BOOL',
  timestamp: 'TYPE_TIMESTAMP',
  datetime: 'TYPE_DATETIME',
  date: 'TYPE_DATE',
  numeric: 'TYPE_NUMERIC',
  json: 'TYPE_JSON',
}

function typeOf(type: string): object {
  const [, container, inner = ''] = /^(array|struct)<(.*)>$/.exec(type) ?? []
  if (container === 'array') {
    return { typeKind: 'TYPE_ARRAY', arrayType: { elementType: typeOf(inner) } }
  }
  if (container === 'struct') {
    const field = inner.split(', ').map((each) => {
      const [fieldName = '', fieldType = ''] = each.split(' ')
      return { fieldName, fieldType: typeOf(fieldType) }
    })
    return { typeKind: 'TYPE_STRUCT', structType: { field } }
  }
  return { typeKind: typeKinds[type] }
}

/** Starts the program on a free port; to be stopped by the caller. */
export async function startGoogleSql(): Promise<GoogleSql> {
  const port = await freePort()
  // It never resolves, and rejects when the program ends.
  runServer(port).catch(() => undefined)
  ZetaSQLClient.init(port)
  const client = ZetaSQLClient.getInstance()
  for (let attempt = 0; !(await client.testConnection()) && attempt < 5; attempt++) await sleep(500)
  const known = await client.getLanguageOptions({ maximumFeatures: true })
  const languageOptions = {
    ...known,
    productMode: 'PRODUCT_EXTERNAL',
    supportedStatementKinds: statementKinds,
  }
  const builtinFunctionOptions = { languageOptions }
  return {
    async analyze(sqlStatement, parameters, tables) {
      const queryParameters = parameters.map(({ name, parameterType }) => ({
        name,
        type: typeOf(parameterType.type.toLowerCase()),
      }))
      const request = {
        options: {
          languageOptions,
          parameterMode: 'PARAMETER_NAMED',
          queryParameters,
          allowUndeclaredParameters: false,
        },
        simpleCatalog: { ...simpleCatalog(tables, typeOf), builtinFunctionOptions },
        sqlStatement,
      }
      try {
        await client.analyze(request as unknown as Parameters<typeof client.analyze>[0])
        return undefined
      } catch (error) {
        return (error as { details?: string }).details ?? String(error)
      }
    },
    async evaluate(query) {
      const request = {
        sql: query,
        options: { languageOptions, defaultTimezone: 'UTC' },
        simpleCatalog: { name: 'root', builtinFunctionOptions },
      }
      const { content } = await new Promise<Answer>((resolve, reject) => {
        api().evaluateQuery(request, (error, answer) => {
          if (error === null) resolve(answer)
          else reject(new Error(`${error.details}\n${query}`))
        })
      })
      return content.tableData.row.map(({ cell }) => cell.map(plainCell))
    },
    stop: () => terminateServer(),
  }
}

interface Cell {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly doubleValue?: number
  readonly int64Value?: { toString(): string }
}

interface Answer {
  readonly content: { readonly tableData: { readonly row: readonly { cell: readonly Cell[] }[] } }
}

type Evaluate = (
  request: object,
  done: (error: { details: string } | null, answer: Answer) => void,
) => void

const api = () => ZetaSQLClient.API as unknown as { readonly evaluateQuery: Evaluate }

function plainCell(cell: Cell): string | number | boolean | null {
  return (
    cell.stringValue ?? cell.boolValue ?? cell.doubleValue ?? cell.int64Value?.toString() ?? null
  )
}

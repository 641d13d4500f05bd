import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureSnowflakeAnalyzer } from '../../../scripts/snowflake-analyzer.mjs'
import { type CatalogTable, freePort, simpleCatalog, statementKinds } from '../zetasql.ts'
import { deviations, type MissingFunction, missingFunctions } from './analyzer-deviations.ts'

/** A parser and type checker for Snowflake's SQL that others made, as a native program. */
export interface SnowflakeSql {
  /**
   * Parses and type-checks one statement.
   *
   * @param bindings the values of its parameters, in order
   * @returns what is wrong with it
   */
  analyze(
    statement: string,
    bindings: readonly unknown[],
    tables: readonly CatalogTable[],
  ): Promise<string | undefined>
  /** The same, of a statement as it is: without deviations and without the functions that are declared for it. */
  analyzeAsIs(statement: string): Promise<string | undefined>
  stop(): void
}

/** Types of columns, as Snowflake prints them, to the checker; parameters do not matter to it. */
const typeKinds: Readonly<Record<string, string>> = {
  varchar: 'TYPE_STRING',
  number: 'TYPE_NUMERIC',
  float: 'TYPE_DOUBLE',
  boolean: 'TYPE_BOOL',
  date: 'TYPE_DATE',
  time: 'TYPE_TIME',
  timestamp_ntz: 'TYPE_TIMESTAMP',
  timestamp_ltz: 'TYPE_TIMESTAMP',
  binary: 'TYPE_BYTES',
  variant: 'TYPE_VARIANT',
  array: 'TYPE_VARIANT',
}

const typeOf = (type: string) => ({ typeKind: typeKinds[type.replace(/\(.*/, '')] })

/** Starts the program on a free port; to be stopped by the caller. Undefined where it cannot be had, and CI does not demand it. */
export async function startSnowflakeSql(): Promise<SnowflakeSql | undefined> {
  const installed = await ensureSnowflakeAnalyzer()
  if (!installed.available) {
    if (process.env['CI']) throw new Error(`CI is set, but: ${installed.reason}`)
    process.stderr.write(`Snowflake's SQL is not analyzed: ${installed.reason}\n`)
    return undefined
  }
  const library = createRequire(import.meta.url)(
    installed.path,
  ) as typeof import('@fivetrandevelopers/zetasql')
  const port = await freePort()
  // It never resolves, and rejects when the program ends.
  library.runServer(port).catch(() => undefined)
  library.ZetaSQLClient.init(port)
  const client = library.ZetaSQLClient.getInstance()
  for (let attempt = 0; !(await client.testConnection()) && attempt < 5; attempt++) await sleep(500)
  const known = await client.getLanguageOptions({ maximumFeatures: true })
  const languageOptions = { ...known, supportedStatementKinds: statementKinds }
  const analyze = async (
    sqlStatement: string,
    bindings: readonly unknown[],
    tables: readonly CatalogTable[],
    functions: readonly MissingFunction[] = missingFunctions,
  ) => {
    const request = {
      options: {
        languageOptions,
        parameterMode: 'PARAMETER_POSITIONAL',
        positionalQueryParameters: bindings.map((value) => ({
          typeKind: typeof value === 'number' ? 'TYPE_NUMERIC' : 'TYPE_STRING',
        })),
        allowUndeclaredParameters: false,
      },
      simpleCatalog: {
        ...simpleCatalog(tables, typeOf),
        customFunction: functions.map(functionOf),
        builtinFunctionOptions: { languageOptions },
      },
      sqlStatement,
    }
    try {
      await client.analyze(request as unknown as Parameters<typeof client.analyze>[0])
      return undefined
    } catch (error) {
      return (error as { details?: string }).details ?? String(error)
    }
  }
  return {
    analyze: (statement, bindings, tables) => analyze(rewritten(statement), bindings, tables),
    analyzeAsIs: (statement) => analyze(statement, [], [], []),
    stop: () => library.terminateServer(),
  }
}

const rewritten = (statement: string): string =>
  deviations.reduce((sql, { written, read }) => sql.replace(written, read), statement)

function functionOf({ name, arguments: required, optional = [], result }: MissingFunction): object {
  const argument = (type: string, cardinality: 'REQUIRED' | 'OPTIONAL') => {
    if (type === 'any…') return { ...anything, options: { cardinality: 'REPEATED' } }
    const kind = type === 'any' ? anything : { kind: 'ARG_TYPE_FIXED', type: { typeKind: type } }
    return { ...kind, options: { cardinality }, numOccurrences: -1 }
  }
  const signature = {
    argument: [
      ...required.map((type) => argument(type, 'REQUIRED')),
      ...optional.map((type) => argument(type, 'OPTIONAL')),
    ],
    returnType: argument(result, 'REQUIRED'),
  }
  return { namePath: [name], group: 'snowflake', mode: 'SCALAR', signature: [signature] }
}

const anything = { kind: 'ARG_TYPE_ARBITRARY', numOccurrences: 1 }

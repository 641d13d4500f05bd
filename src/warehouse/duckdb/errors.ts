import { type Disposition, WarehouseError } from '../../errors.ts'

/** Kinds of errors whose message speaks of names, files and limits. All others may quote a value. */
const kindsWithoutValues =
  /^(Catalog|Parser|Binder|IO|Transaction|TransactionContext|Out of Memory|Permission|Dependency|Interrupt|Connection|HTTP|Missing Extension|Not implemented|Syntax)\b/

const lockConflict = /Could not set lock|Conflicting lock/i
const newerStorage =
  /version number (\d+), but we can only read versions? (?:between (\d+) and )?(\d+)/i

/** True when another process holds the file. */
export function isLockConflict(error: unknown): boolean {
  return error instanceof Error && lockConflict.test(error.message)
}

/** `Conversion Error: Could not …` → `Conversion Error`. */
const kindOf = (message: string): string | undefined =>
  /^((?:INTERNAL|FATAL|[A-Z][A-Za-z ]*?) Error|INTERRUPT Error)/.exec(message)?.[1]

function detailOf(message: string): string {
  if (lockConflict.test(message)) return 'another process has it open'
  const firstLine = message.split('\n', 1)[0] ?? message
  const kind = kindOf(message)
  if (kind === undefined) return 'DuckDB reported an error whose text may hold values'
  return kindsWithoutValues.test(kind.replace(/^INTERRUPT/, 'Interrupt')) ? firstLine : kind
}

function dispositionOf(message: string): Disposition {
  return lockConflict.test(message) || /^Transaction(Context)? Error: .*conflict/i.test(message)
    ? 'transient'
    : 'terminal'
}

function hintOf(message: string): string | undefined {
  if (lockConflict.test(message)) {
    const pid = /\(PID (\d+)\)/.exec(message)?.[1]
    const who = pid === undefined ? 'it' : `process ${pid}`
    return `DuckDB lets in one writer at a time: wait until ${who} has ended (a dbt build?), or close it (a notebook, an SQL client), and run again.`
  }
  const storage = newerStorage.exec(message)
  if (storage !== null) {
    return `The file was made by a newer DuckDB (storage version ${storage[1]}; Backhaul reads up to ${storage[3]}). Build it with \`pip install 'duckdb<2'\`, or create it with \`attach '….duckdb' (storage_version 'v1.5.0')\`, or upgrade Backhaul.`
  }
  if (/^Out of Memory/.test(message)) {
    return 'Give DuckDB more memory: `settings: {memory_limit: 4GB}` in the profile.'
  }
  if (/No space left on device|not enough space on the disk/i.test(message)) {
    return 'The disk is full: make room there, and run again. Nothing that was recorded is lost.'
  }
  if (/^IO Error: Cannot open file/.test(message)) {
    return 'Backhaul keeps its state in a file beside the database: the folder must be writable.'
  }
  return undefined
}

/** Wraps what the SDK threw. Neither message nor cause holds a value. */
export function duckdbError(error: unknown, action: string, sql?: string): WarehouseError {
  if (error instanceof WarehouseError) return error
  const message = error instanceof Error ? error.message : String(error)
  const detail = detailOf(message)
  return new WarehouseError({
    action,
    detail,
    disposition: dispositionOf(message),
    code: kindOf(message),
    hint: hintOf(message),
    sql,
    ...(message.startsWith(detail) && detail.includes(':') ? { cause: error } : {}),
  })
}

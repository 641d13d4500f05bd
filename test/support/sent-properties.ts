import type { StrictSandbox } from './sandbox.ts'

type Properties = Readonly<Record<string, string>>

/** Tells what each write since the last question sent, input by input; of an upsert without the value that finds the record. */
export function sentSince(sandbox: Pick<StrictSandbox, 'written'>): () => readonly Properties[] {
  let told = sandbox.written().length
  return () => {
    const requests = sandbox.written().slice(told)
    told = sandbox.written().length
    return requests.flatMap(({ body }) => {
      const { inputs = [] } = body as {
        readonly inputs?: readonly {
          readonly properties: Properties
          readonly idProperty?: string
        }[]
      }
      return inputs.map(({ properties, idProperty }) =>
        Object.fromEntries(Object.entries(properties).filter(([name]) => name !== idProperty)),
      )
    })
  }
}

import { context, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import { DestinationError, WarehouseError } from '../../errors.ts'

/** Does work under a span, and ends it. */
export function within<T>(span: Span, work: () => Promise<T>): Promise<T> {
  return context.with(trace.setSpan(context.active(), span), async () => {
    try {
      return await work()
    } catch (error) {
      failed(span, error)
      throw error
    } finally {
      span.end()
    }
  })
}

/** Says of what kind an error is, and none of its words: engines quote values. */
export function failed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.setAttribute('error.type', kindOf(error))
}

function kindOf(error: unknown): string {
  if (error instanceof DestinationError) return error.category
  if (error instanceof WarehouseError) return `WAREHOUSE_${error.code ?? 'ERROR'}`
  return error instanceof Error ? error.name : '_OTHER'
}

const placeholder = 'id="payload"></script>'
const noConnection = "connect-src 'none'"

/** Thrown when the built page is not what it has to be: a defect of the build, which its test finds. */
class PageTemplateError extends Error {}

/**
 * The page with its payload, in pieces.
 *
 * @param template the built page: it has one empty element for the payload, and may connect nowhere
 * @param isLive the page is served: it may ask its own server for what is new
 */
export function* pageText(
  template: string,
  payload: Iterable<string>,
  isLive: boolean,
): Generator<string> {
  const parts = template.split(placeholder)
  const [before, after] = parts
  if (before === undefined || after === undefined || parts.length !== 2)
    throw new PageTemplateError('The page of the report has no single place for its data')
  yield isLive ? opened(before) : before
  yield isLive ? 'id="payload" data-live="">' : 'id="payload">'
  yield* payload
  yield `</script>${after}`
}

function opened(before: string): string {
  const parts = before.split(noConnection)
  if (parts.length !== 2)
    throw new PageTemplateError('The page of the report does not say that it connects nowhere')
  return parts.join("connect-src 'self'")
}

import { render } from 'preact'
import { type PagePayload, readPayload } from '../payload-lines.ts'
import { App } from './app.tsx'
import { Unreadable } from './unreadable.tsx'

const page = document.getElementById('page')
const source = document.getElementById('payload')
if (page !== null) {
  const payload = read(source?.textContent ?? '')
  page.textContent = ''
  render(typeof payload === 'string' ? <Unreadable why={payload} /> : <App first={payload} />, page)
  // Most of the text is kept as it is.
  if (source !== null) source.textContent = ''
  requestAnimationFrame(() => performance.mark('interactive'))
}

/** The payload, or why there is none. */
function read(text: string): PagePayload | string {
  if (text.trim() === '') return 'The page holds no report.'
  try {
    return readPayload(text) ?? 'The report was made by another version of Backhaul.'
  } catch {
    return 'The report was cut, or changed on its way.'
  }
}

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { RunStatus } from '../../types.ts'
import type { ChangedLink, ChangedValues } from '../payload.ts'
import type { PagePayload } from '../payload-lines.ts'
import { hrefTo } from './route.ts'
import { ageOf, momentOf, numberOf, outcomeTone, runTone, type Tone } from './words.ts'

/** A word with the colour of how grave it is; the word alone says all. */
export function Mark({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`mark ${tone}`}>{children}</span>
}

export const StatusMark = ({ status }: { status: RunStatus | null }) =>
  status === null ? (
    <Mark tone="calm">never ran</Mark>
  ) : (
    <Mark tone={runTone(status)}>{status}</Mark>
  )

export const OutcomeMark = ({ outcome }: { outcome: string }) => (
  <Mark tone={outcomeTone(outcome)}>{outcome}</Mark>
)

/** A moment in UTC; its age, where the report's own moment is given, is in words beside it. */
export function Moment({ at, now }: { at: string | null; now?: string }) {
  if (at === null) return <span class="none">never</span>
  return (
    <time dateTime={at} title={`${momentOf(at)} UTC`}>
      {now === undefined ? momentOf(at) : ageOf(at, now)}
    </time>
  )
}

export function Heading({
  title,
  children,
}: {
  title: ComponentChildren
  children?: ComponentChildren
}) {
  return (
    <header class="heading">
      <h1 tabIndex={-1}>{title}</h1>
      {children && <div class="lede">{children}</div>}
    </header>
  )
}

/** Where there is nothing: why, and what would make it come. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  )
}

export function Section({
  title,
  aside,
  children,
}: {
  title: string
  aside?: ComponentChildren
  children: ComponentChildren
}) {
  return (
    <section class="section">
      <div class="section-head">
        <h2>{title}</h2>
        {aside && <div class="aside">{aside}</div>}
      </div>
      {children}
    </section>
  )
}

/** Characters that cannot be seen, or turn the direction of text: they are shown by their code. Joiners of emoji stay. */
const unseen =
  /([\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff])/u
/** These are shown by what they do. */
const spacing = /^[\t\n]$/
const shownLength = 240

/** Text from the warehouse or HubSpot: never markup, its direction its own, and cut where it is long. */
export function Value({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false)
  const cut = isWhole || text.length <= shownLength * 1.5 ? text : text.slice(0, shownLength)
  const rest = text.length - cut.length
  return (
    <>
      <bdi class="value">{visible(cut)}</bdi>
      {rest > 0 && (
        <button type="button" class="more" onClick={() => setWhole(true)}>
          … {numberOf(rest)} more characters
        </button>
      )}
    </>
  )
}

function visible(text: string): ComponentChildren {
  if (!unseen.test(text)) return text
  return text.split(unseen).map((part, index) =>
    index % 2 === 0 || spacing.test(part) ? (
      part
    ) : (
      <span class="unseen" title="a character that is not shown">
        {`U+${part.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`}
      </span>
    ),
  )
}

/** One side of a change: a value, `empty`, or that it is not kept. */
function Side({ text }: { text: string | null }) {
  if (text === null) return <span class="none">not kept</span>
  if (text === '') return <span class="none">empty</span>
  return <Value text={text} />
}

const shownProperties = 4

/** Property: old → new. */
export function Changed({ values }: { values: ChangedValues }) {
  const [isWhole, setWhole] = useState(false)
  const entries = Object.entries(values)
  const shown = isWhole ? entries : entries.slice(0, shownProperties)
  const rest = entries.length - shown.length
  return (
    <dl class="changed">
      {shown.map(([property, [before, after]]) => (
        <div key={property}>
          <dt>
            <Value text={property} />
          </dt>
          <dd>
            {before === null && after !== null ? null : (
              <>
                <del>
                  <Side text={before} />
                </del>
                <span class="arrow" aria-hidden="true">
                  →
                </span>
              </>
            )}
            <ins>
              <Side text={after} />
            </ins>
          </dd>
        </div>
      ))}
      {rest > 0 && (
        <div>
          <button type="button" class="more" onClick={() => setWhole(true)}>
            {numberOf(rest)} more {rest === 1 ? 'property' : 'properties'}
          </button>
        </div>
      )}
    </dl>
  )
}

export function Link({ link }: { link: ChangedLink }) {
  return (
    <span class="link">
      <span class="quiet">to</span> <Value text={link.association} />{' '}
      {link.target !== null && <Value text={link.target} />}
      {link.targetRecordId !== null && <span class="quiet"> record {link.targetRecordId}</span>}
      {link.labels !== null && link.labels !== '' && (
        <span class="quiet">
          {' '}
          as <Value text={link.labels} />
        </span>
      )}
    </span>
  )
}

/** The record in HubSpot. Only addresses of the web are links: the page would run any other. */
export function RecordLink({ url, recordId }: { url: string | null; recordId: string }) {
  if (url === null || !/^https:\/\//.test(url)) return <span class="id">{recordId}</span>
  return (
    <a
      class="id"
      href={`${url}${encodeURIComponent(recordId)}`}
      target="_blank"
      rel="noopener noreferrer"
    >
      {recordId}
      <span class="unread"> in HubSpot, opens another page</span>
    </a>
  )
}

export const RunLink = ({ runId, children }: { runId: string; children?: ComponentChildren }) => (
  <a class={children ? '' : 'id'} href={hrefTo(['run', runId])}>
    {children ?? shortId(runId)}
  </a>
)

/** The end of an id: its beginning is time, and the same for all that is near. */
export const shortId = (id: string): string => (id.length > 12 ? `…${id.slice(-8)}` : id)

/** Why no values are shown. */
export function KeptValues({ payload }: { payload: PagePayload }) {
  if (payload.values === 'full') return null
  return (
    <p class="note">
      {payload.values === 'none'
        ? 'Values are not kept (audit.values: none), so only the names of properties are shown.'
        : 'Values are kept as digests (audit.values: hashed): equal digests are equal values.'}
    </p>
  )
}

/** Rows by status, as a bar and in words. */
export function RowBar({ rows }: { rows: Readonly<Record<string, number>> }) {
  const entries = Object.entries(rows).filter(([, count]) => count > 0)
  const sum = entries.reduce((total, [, count]) => total + count, 0)
  if (sum === 0) return <span class="none">no rows yet</span>
  return (
    <div class="rowbar">
      <div class="bar" aria-hidden="true">
        {entries.map(([status, count]) => (
          <span key={status} class={outcomeTone(status)} style={{ flexGrow: count }} />
        ))}
      </div>
      <span class="words">
        {entries.map(([status, count], index) => (
          <span key={status}>
            {index > 0 && ', '}
            {numberOf(count)} {status}
          </span>
        ))}
      </span>
    </div>
  )
}

/** Lines of advice; what stands in backticks is a command. */
export function Advice({ text }: { text: string }) {
  return (
    <div class="advice">
      {text.split('\n').map((line) => (
        <p key={line}>
          {line
            .split(/`([^`]+)`/)
            .map((part, index) => (index % 2 === 0 ? part : <code key={part}>{part}</code>))}
        </p>
      ))}
    </div>
  )
}

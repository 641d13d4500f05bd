import {
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
} from '@tanstack/virtual-core'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'
import { usePrinting } from './printing.ts'
import { countOf } from './words.ts'

export interface Column {
  readonly title: string
  /** A track of a CSS grid: `minmax(0, 1fr)`, `9rem`. */
  readonly width: string
  readonly isNumber?: boolean
}

interface Props {
  readonly label: string
  readonly columns: readonly Column[]
  readonly count: number
  /** The cells of one row, in the order of the columns. */
  readonly row: (index: number) => readonly ComponentChildren[]
  /** Height of a row that has not been drawn yet, in pixels. */
  readonly estimate: number
}

/** Rows that go on paper: nobody reads more. */
const printedRows = 200

/**
 * A table of any length: rows are drawn when they come near the window, which scrolls them. Arrow keys, Home, End and the page keys go
 * from row to row; Enter follows the first link of the row.
 */
export function LongTable(props: Props) {
  const isPrinting = usePrinting()
  return isPrinting ? <PrintedTable {...props} /> : <ScrolledTable {...props} />
}

function PrintedTable({ label, columns, count, row }: Props) {
  const shown = Math.min(count, printedRows)
  return (
    <>
      <div class="long printed" role="table" aria-label={label}>
        <Head columns={columns} />
        <div role="rowgroup">
          {Array.from({ length: shown }, (_, index) => (
            <div key={index} role="row" class="tr" style={tracks(columns)}>
              <Cells columns={columns} cells={row(index)} />
            </div>
          ))}
        </div>
      </div>
      {shown < count && (
        <p class="note">
          The first {shown} of {countOf(count, 'row')}: filter, or take the rest from the audit
          tables.
        </p>
      )}
    </>
  )
}

function ScrolledTable({ label, columns, count, row, estimate }: Props) {
  const body = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const isAsked = useRef(false)
  const [, redraw] = useReducer((times: number) => times + 1, 0)
  const [top, setTop] = useState(0)
  const current = Math.min(active, Math.max(0, count - 1))

  const settings = {
    count,
    estimateSize: () => estimate,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    initialOffset: () => window.scrollY,
    overscan: 8,
    scrollMargin: top,
    scrollPaddingStart: 120,
    scrollPaddingEnd: 40,
    indexAttribute: 'data-index',
    onChange: () => redraw(undefined),
  }
  const [virtualizer] = useState(() => new Virtualizer<Window, HTMLElement>(settings))
  virtualizer.setOptions({ ...virtualizer.options, ...settings })
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer])
  useLayoutEffect(() => {
    virtualizer._willUpdate()
    const now = body.current
    if (now !== null) setTop(now.getBoundingClientRect().top + window.scrollY)
    if (!isAsked.current) return
    const wanted = now?.querySelector<HTMLElement>(`[data-index="${current}"]`)
    if (!wanted) return
    isAsked.current = false
    wanted.focus({ preventScroll: true })
  })

  const go = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index))
    isAsked.current = true
    setActive(next)
    virtualizer.scrollToIndex(next, { align: 'auto' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement
    if (event.altKey || event.ctrlKey || event.metaKey || target.role !== 'row') return
    const page = Math.max(1, Math.floor(window.innerHeight / estimate) - 3)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: count - 1,
    }
    const next = steps[event.key]
    if (next !== undefined) {
      event.preventDefault()
      go(next)
    } else if (event.key === 'Enter') {
      target.querySelector('a')?.click()
    }
  }

  const found = virtualizer.getVirtualItems()
  return (
    <div class="long" role="table" aria-label={label} aria-rowcount={count + 1}>
      <Head columns={columns} />
      <div
        role="rowgroup"
        class="body"
        ref={body}
        style={{ height: `${virtualizer.getTotalSize()}px` }}
        onKeyDown={onKeyDown}
      >
        {found.map(({ index, start }) => (
          <div
            key={index}
            role="row"
            class="tr"
            aria-rowindex={index + 2}
            data-index={index}
            tabIndex={index === current ? 0 : -1}
            ref={(element) => {
              virtualizer.measureElement(element)
            }}
            onFocus={() => setActive(index)}
            style={{ ...tracks(columns), transform: `translateY(${start - top}px)` }}
          >
            <Cells columns={columns} cells={row(index)} />
          </div>
        ))}
      </div>
    </div>
  )
}

function Head({ columns }: { columns: readonly Column[] }) {
  return (
    <div role="rowgroup" class="head">
      <div role="row" aria-rowindex={1} class="tr" style={tracks(columns)}>
        {columns.map(({ title, isNumber }) => (
          <div key={title} role="columnheader" class={isNumber ? 'number' : ''}>
            {title}
          </div>
        ))}
      </div>
    </div>
  )
}

function Cells({
  columns,
  cells,
}: {
  columns: readonly Column[]
  cells: readonly ComponentChildren[]
}) {
  return columns.map(({ title, isNumber }, index) => (
    <div key={title} role="cell" class={isNumber ? 'number' : ''} data-title={title}>
      {cells[index]}
    </div>
  ))
}

const tracks = (columns: readonly Column[]) => ({
  '--tracks': columns.map(({ width }) => width).join(' '),
})

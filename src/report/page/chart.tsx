import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { type ChartProps, dataOf, optionsOf } from './chart-options.ts'
import { useThemeNow } from './theme.ts'
import { momentOf, numberOf } from './words.ts'

/** Rows of the table that stands beside a chart. */
const tableRows = 300

/** A chart over time, with its values as a table for whoever wants or needs that. */
export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const pick = useRef(props.onPick)
  pick.current = props.onPick
  const [pointed, setPointed] = useState<number | null>(null)
  const theme = useThemeNow()
  const { kind, times, series, limit, height = 190 } = props

  // The theme decides colours, which are read from the style.
  useEffect(() => {
    const element = place.current
    if (element === null || times.length === 0) return
    const chart = new uPlot(
      optionsOf(props, element, setPointed),
      dataOf(kind, times, series, limit),
      element,
    )
    chart.over.addEventListener('click', () => {
      const { idx } = chart.cursor
      if (idx !== null && idx !== undefined) pick.current?.(idx)
    })
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      chart.destroy()
    }
  }, [kind, times, series, limit, height, theme])

  const shown = pointed === null ? undefined : times[pointed]
  return (
    <figure class="chart">
      <figcaption>
        <ul class="legend">
          {series.map(({ name, colour, values }) => (
            <li key={name}>
              <span class="swatch" style={{ background: `var(${colour})` }} />
              {name}
              {pointed !== null && shown !== undefined && (
                <b>{values[pointed] == null ? '–' : numberOf(values[pointed] ?? 0)}</b>
              )}
            </li>
          ))}
          {limit && (
            <li>
              <span class="swatch line" />
              {limit.name}
            </li>
          )}
        </ul>
        <span class="pointed">
          {shown === undefined ? '' : momentOf(new Date(shown * 1000).toISOString())}
        </span>
      </figcaption>
      <div
        class={props.onPick ? 'plot pickable' : 'plot'}
        role="img"
        aria-label={props.summary}
        ref={place}
        style={{ minHeight: `${height}px` }}
      />
      <ChartTable {...props} />
    </figure>
  )
}

function ChartTable({ times, series, unit, summary }: ChartProps) {
  const [isOpen, setOpen] = useState(false)
  const rows = times
    .map((time, index) => ({ time, index }))
    .filter(({ index }) => series.some(({ values }) => (values[index] ?? 0) > 0))
  return (
    <details class="table-of-chart" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Show as a table</summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <section class="scrolled" tabIndex={0} aria-label={`Table: ${summary}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time (UTC)</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" class="number">
                    {unit === undefined ? name : `${name}, ${unit}`}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.slice(-tableRows).map(({ time, index }) => (
                <tr key={index}>
                  <th scope="row">{momentOf(new Date(time * 1000).toISOString())}</th>
                  {series.map(({ name, values }) => (
                    <td key={name} class="number">
                      {values[index] == null ? '' : numberOf(values[index] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {isOpen && rows.length > tableRows && (
        <p class="note">
          The last {tableRows} of {numberOf(rows.length)}.
        </p>
      )}
    </details>
  )
}

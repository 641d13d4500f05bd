import uPlot from 'uplot'
import { numberOf } from './words.ts'

export interface Series {
  readonly name: string
  /** A custom property of the page's style, such as `--c-created`. */
  readonly colour: string
  readonly values: readonly (number | null)[]
}

export interface ChartProps {
  /** What the chart shows, in a sentence: it stands for the picture where that is not seen. */
  readonly summary: string
  readonly kind: 'stack' | 'points' | 'bars'
  /** In seconds since 1970, ascending. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  /** A line across, such as a limit. */
  readonly limit?: { readonly name: string; readonly value: number } | undefined
  readonly unit?: string
  readonly height?: number
  readonly onPick?: ((index: number) => void) | undefined
}

/** Stacks are drawn from the sum down, so each series carries what lies below it. */
export function dataOf(
  kind: ChartProps['kind'],
  times: readonly number[],
  series: readonly Series[],
  limit: ChartProps['limit'],
): uPlot.AlignedData {
  const line = limit === undefined ? [] : [times.map(() => limit.value)]
  if (kind !== 'stack')
    return [[...times], ...series.map(({ values }) => [...values]), ...line] as uPlot.AlignedData
  const sums = times.map(() => 0)
  const stacked = series.map(({ values }) =>
    values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0)
      return sums[index] ?? 0
    }),
  )
  return [[...times], ...stacked.reverse(), ...line] as uPlot.AlignedData
}

export function optionsOf(
  { kind, times, series, limit, unit, height = 190 }: ChartProps,
  element: HTMLElement,
  point: (index: number | null) => void,
): uPlot.Options {
  const colourOf = colours(element)
  const text = colourOf('--muted')
  const grid = { stroke: colourOf('--hairline'), width: 1 }
  const axis = { stroke: text, grid, ticks: { show: false }, font: '11px system-ui, sans-serif' }
  const drawn = kind === 'stack' ? [...series].reverse() : series
  const step = times.length > 1 ? (times[1] ?? 0) - (times[0] ?? 0) : 60
  const highest = Math.max(1, limit?.value ?? 0)
  // Not as uPlot proposes: where there is one moment only it adds years to it.
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0]
  const room = kind === 'points' ? Math.max(1, (last - first) * 0.01) : step * 0.6
  return {
    width: element.clientWidth || 600,
    height,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: {
      drag: { x: false, y: false },
      points: { show: false },
      y: false,
    },
    scales: {
      x: {
        time: true,
        // A bar stands on the moment that it begins at: the last one needs room, and so does the only one.
        range: () => [first - room, last + room],
      },
      y:
        kind === 'points'
          ? {
              // Most calls take a tenth of a second, and those that are looked for ten seconds.
              distr: 3,
              range: (_chart, min, max) => [
                10 ** Math.floor(Math.log10(Math.max(1, min ?? 1))),
                10 ** Math.ceil(Math.log10(Math.max(2, max ?? 1))),
              ],
            }
          : { range: (_chart, _min, max) => [0, Math.max(highest, max ?? 0) * 1.08] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        space: 74,
        values: (_chart, splits, _axis, _space, increment) =>
          splits.map((seconds) => shortMoment(seconds, increment)),
      },
      {
        ...axis,
        size: unit === undefined ? 48 : 64,
        space: 30,
        values: (_chart, splits) =>
          splits.map(shortNumber).map((text) => (text && unit ? `${text} ${unit}` : text)),
        ...(kind === 'points' ? { filter: powers, grid: { ...grid, filter: powers } } : {}),
      },
    ],
    series: [
      {},
      ...drawn.map(({ name, colour }): uPlot.Series => {
        const paint = colourOf(colour)
        if (kind === 'points')
          return {
            label: name,
            paths: () => null,
            points: { show: true, size: 6, width: 1, stroke: paint, fill: paint },
          }
        return {
          label: name,
          fill: paint,
          width: 0,
          points: { show: false },
          paths: uPlot.paths.bars?.({ size: [0.82, 36, 1] }) as uPlot.Series.PathBuilder,
        }
      }),
      ...(limit === undefined
        ? []
        : [
            {
              label: limit.name,
              stroke: colourOf('--bad'),
              width: 1,
              dash: [5, 4],
              points: { show: false },
            },
          ]),
    ],
    hooks: {
      setCursor: [(chart) => point(chart.cursor.idx ?? null)],
    },
  }
}

/** Of a scale of powers of ten, those: the lines between them are too many. */
const powers: uPlot.Axis.Filter = (_chart, splits) =>
  splits.map((value) => (Math.log10(value) % 1 === 0 ? value : null))

/** `1200` → `1.2k`; halves of a row are none. */
function shortNumber(value: number | null): string {
  if (value === null || value % 1 !== 0) return ''
  if (value >= 1_000_000) return `${value / 1_000_000}M`
  return value >= 10_000 ? `${value / 1000}k` : numberOf(value)
}

/** `26 Nov` by days, `06:10` by minutes, `06:10:20` by seconds. */
function shortMoment(seconds: number, increment: number): string {
  const moment = new Date(seconds * 1000)
  const iso = moment.toISOString()
  const isMidnight = iso.slice(11, 19) === '00:00:00'
  if (increment >= 86_400 || isMidnight)
    return moment.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
  return increment >= 60 ? iso.slice(11, 16) : iso.slice(11, 19)
}

/** What a canvas is painted with: it knows nothing of custom properties. */
function colours(element: HTMLElement): (property: string) => string {
  const probe = document.createElement('span')
  probe.hidden = true
  element.append(probe)
  const found = (property: string) => {
    probe.style.color = `var(${property})`
    return getComputedStyle(probe).color
  }
  queueMicrotask(() => probe.remove())
  return found
}

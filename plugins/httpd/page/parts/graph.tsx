import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { colours } from '../theme.ts'

interface Series {
  readonly label: string
  readonly values: (number | null)[]
}

interface Props {
  readonly title: string
  readonly times: number[]
  readonly series: readonly Series[]
  /** How a value is said. */
  readonly format: (value: number | null | undefined) => string
  /** The name of the colour of the first line. */
  readonly colour: '--series-cpu' | '--series-rss'
  /** The axis goes at least up to this. */
  readonly least: number
  /** Powers of two for bytes, of ten for the rest. */
  readonly base: 2 | 10
  /** Changes whenever the values, which are changed in place, have. */
  readonly version: number
}

/** Single processes, in turn. */
const hues = [210, 28, 150, 330, 265, 60, 185, 0]

/** Lines over time. What it shows is in its name as well, for who does not see it. */
export function Graph({ title, times, series, format, colour, least, base, version }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const labels = series.map(({ label }) => label).join('\n')
  const shade = colours.value

  // New lines or colours take a new plot, new values do not.
  useEffect(() => {
    const root = place.current
    if (!root) return
    const paint = painter(root)
    const lines = series.map(({ label }, at) => ({
      label,
      stroke:
        at === 0
          ? paint(`var(${colour})`)
          : paint(`light-dark(hsl(${hues[at - 1]} 60% 42%), hsl(${hues[at - 1]} 70% 70%))`),
      width: at === 0 ? 1.75 : 1,
      fill: at === 0 && series.length === 1 ? paint(`color-mix(in srgb, var(${colour}) 12%, transparent)`) : undefined,
      value: (_: uPlot, value: number | null) => format(value),
      points: { show: false },
      spanGaps: false,
    }))
    const axis = { stroke: paint('var(--muted)'), font: '11.5px system-ui', ticks: { show: false } }
    const grid = { stroke: paint('var(--line)'), width: 1 }
    const made = new uPlot(
      {
        width: root.clientWidth,
        height: 168,
        legend: { show: true, live: true },
        cursor: { sync: { key: 'watcher' }, drag: { x: false, y: false }, y: false },
        padding: [8, 22, 0, 0],
        scales: {
          x: { time: true },
          y: { range: (_plot, _low, high) => [0, Math.max(least, high ?? 0) * 1.12] },
        },
        axes: [
          { ...axis, grid: { show: false }, values: (_plot, splits) => clocks(splits), space: 70, size: 26 },
          {
            ...axis,
            grid,
            size: 62,
            values: (_plot, splits) => splits.map((value) => format(value)),
            incrs: base === 2 ? powersOfTwo : null!,
          },
        ],
        series: [{ value: (_plot, value) => (value === null ? '' : clocks([value, value - 1])[0]!) }, ...lines],
      },
      [times, ...series.map(({ values }) => values)],
      root,
    )
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize({ width: root.clientWidth, height: 168 }))
    watch.observe(root)
    return () => {
      watch.disconnect()
      made.destroy()
    }
  }, [labels, shade, colour])

  // The values are changed in place.
  useEffect(() => {
    plot.current?.setData([times, ...series.map(({ values }) => values)])
  }, [version])

  return (
    <figure class="graph">
      <figcaption>{title}</figcaption>
      <div
        class="graph-place"
        ref={place}
        role="img"
        aria-label={`${title}: ${inWords(series[0]?.values ?? [], format)}`}
      />
    </figure>
  )
}

/** The highest, the lowest and the last value. */
function inWords(values: readonly (number | null)[], format: Props['format']): string {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return 'no values yet'
  return `now ${format(known.at(-1))}, between ${format(Math.min(...known))} and ${format(Math.max(...known))}`
}

const two = (number: number) => String(number).padStart(2, '0')

/** Times of an axis: with seconds where they matter. */
function clocks(splits: readonly number[]): string[] {
  const bySecond = splits.some((split) => split % 60 !== 0)
  return splits.map((split) => {
    const date = new Date(split * 1000)
    const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`
    return bySecond ? `${minutes}:${two(date.getSeconds())}` : minutes
  })
}

const powersOfTwo = Array.from({ length: 46 }, (_, power) => 2 ** power)

/** What a colour of the style comes to: a canvas knows no variables. */
function painter(root: HTMLElement): (colour: string) => string {
  return (colour) => {
    const probe = document.createElement('span')
    probe.style.color = colour
    root.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
}

import { minute } from '../store/samples.ts'

const width = 90
const height = 22

/** A minute in small, oldest left. Its figure stands beside it: it says nothing to a screen reader. */
export function Sparkline({
  values,
  least,
  kind,
}: {
  values: readonly (number | null)[]
  least: number
  kind: 'cpu' | 'rss'
}) {
  const top = Math.max(least, ...values.map((value) => value ?? 0)) * 1.1
  const step = width / (minute - 1)
  let line = ''
  let pen = false
  let first: number | undefined
  let last = 0
  for (const [at, value] of values.entries()) {
    if (value === null) {
      pen = false
      continue
    }
    first ??= at
    last = at
    const y = height - 1 - (value / top) * (height - 2)
    line += `${pen ? 'L' : 'M'}${(at * step).toFixed(1)} ${y.toFixed(1)}`
    pen = true
  }
  if (first === undefined) return <svg class="spark" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" />
  const whole = !values.slice(first, last).includes(null)
  const area = whole && `${line}L${(last * step).toFixed(1)} ${height}L${(first * step).toFixed(1)} ${height}Z`
  return (
    <svg class={`spark spark-${kind}`} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {area && <path class="spark-area" d={area} />}
      <path class="spark-line" d={line} />
    </svg>
  )
}

/** `0.4 %`, `37 %`: two digits that mean something, and no more. */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} %`
}

const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** `812 KB`, `1.4 GB`: powers of 1024, as `ps` and `top` count. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  let amount = value
  let unit = 0
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1024
    unit++
  }
  return `${unit > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`
}

/** `45s`, `3m 20s`, `2h 5m`, `6d 4h`: how long, in two parts at most. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–'
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return parts(Math.floor(whole / 60), 'm', whole % 60, 's')
  if (whole < 86_400) return parts(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'm')
  return parts(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h')
}

const parts = (more: number, unit: string, less: number, lesser: string): string =>
  less === 0 ? `${more}${unit}` : `${more}${unit} ${less}${lesser}`

/** `1 process`, `3 processes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

const two = (number: number): string => String(number).padStart(2, '0')

/** `14:03:09` of a Unix time in seconds, in the time zone of whoever looks. */
export function clock(time: number): string {
  const date = new Date(time * 1000)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `2026-11-23 14:03:09`. */
export function dateAndClock(time: number): string {
  const date = new Date(time * 1000)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(time)}`
}

/** Names for a sentence: `"a", "b" and 3 more`. */
export function named(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).map((name) => `“${name}”`)
  const rest = names.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

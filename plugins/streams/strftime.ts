/** Writes a moment, in Unix milliseconds, in some format. */
export type TimeFormat = (time: number) => string

/**
 * A `time_format` in the terms of strftime: those of Python and of the C library, in the locale C, with the flags `-`,
 * `_`, `0`, `^` and `#` and a width as GNU has them. `%f` are microseconds; `%z` and `%Z` tell the zone, where the original
 * writes nothing. What means nothing is written as it is.
 *
 * @param utc whether in UTC, and not in the zone of this process
 */
export function timeFormat(format: string, { utc = false } = {}): TimeFormat {
  const parts = compile(format)
  const perSecond = !/%[-_0^#]*\d*f/.test(format)
  let last = Number.NaN
  let text = ''
  return (time) => {
    const moment = perSecond ? Math.floor(time / 1000) : time
    if (moment === last) return text
    const fields = fieldsOf(new Date(time), utc)
    text = parts.map((part) => (typeof part === 'string' ? part : part(fields))).join('')
    last = moment
    return text
  }
}

interface Fields {
  readonly date: Date
  readonly utc: boolean
  readonly year: number
  /** 0 to 11. */
  readonly month: number
  readonly day: number
  /** 0 is Sunday. */
  readonly weekday: number
  /** 1 is the first of January. */
  readonly yearday: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

function fieldsOf(date: Date, utc: boolean): Fields {
  // Shifted by its offset, a moment can be taken apart as if it were in UTC.
  const shifted = utc ? date : new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  const year = shifted.getUTCFullYear()
  const today = Date.UTC(year, shifted.getUTCMonth(), shifted.getUTCDate())
  return {
    date,
    utc,
    year,
    month: shifted.getUTCMonth(),
    day: shifted.getUTCDate(),
    weekday: shifted.getUTCDay(),
    yearday: Math.round((today - Date.UTC(year, 0, 1)) / 86_400_000) + 1,
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
  }
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October'],
  ...['November', 'December'],
]

/** A number, with how many digits it has and what fills them up; or a text. */
type Value = readonly [number: number, digits: number, fill?: '0' | ' '] | string

const directives: Readonly<Record<string, (fields: Fields) => Value>> = {
  a: ({ weekday }) => days[weekday]!.slice(0, 3),
  A: ({ weekday }) => days[weekday]!,
  b: ({ month }) => months[month]!.slice(0, 3),
  B: ({ month }) => months[month]!,
  c: composed('%a %b %e %H:%M:%S %Y'),
  C: ({ year }) => [Math.floor(year / 100), 2],
  d: ({ day }) => [day, 2],
  D: composed('%m/%d/%y'),
  e: ({ day }) => [day, 2, ' '],
  f: ({ date }) => [date.getUTCMilliseconds() * 1000, 6],
  F: composed('%Y-%m-%d'),
  g: (fields) => [isoWeek(fields).year % 100, 2],
  G: (fields) => [isoWeek(fields).year, 4],
  h: ({ month }) => months[month]!.slice(0, 3),
  H: ({ hour }) => [hour, 2],
  I: ({ hour }) => [hour % 12 || 12, 2],
  j: ({ yearday }) => [yearday, 3],
  k: ({ hour }) => [hour, 2, ' '],
  l: ({ hour }) => [hour % 12 || 12, 2, ' '],
  m: ({ month }) => [month + 1, 2],
  M: ({ minute }) => [minute, 2],
  n: () => '\n',
  p: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  P: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  r: composed('%I:%M:%S %p'),
  R: composed('%H:%M'),
  s: ({ date }) => [Math.floor(date.getTime() / 1000), 1],
  S: ({ second }) => [second, 2],
  t: () => '\t',
  T: composed('%H:%M:%S'),
  u: ({ weekday }) => [weekday || 7, 1],
  U: ({ yearday, weekday }) => [Math.floor((yearday + 6 - weekday) / 7), 2],
  V: (fields) => [isoWeek(fields).week, 2],
  w: ({ weekday }) => [weekday, 1],
  W: ({ yearday, weekday }) => [Math.floor((yearday + 6 - ((weekday + 6) % 7)) / 7), 2],
  x: composed('%m/%d/%y'),
  X: composed('%H:%M:%S'),
  y: ({ year }) => [year % 100, 2],
  Y: ({ year }) => [year, 4],
  z: offset,
  Z: zone,
  '%': () => '%',
}

function compile(format: string): (string | ((fields: Fields) => string))[] {
  const parts: (string | ((fields: Fields) => string))[] = []
  let end = 0
  for (const match of format.matchAll(/%([-_0^#]*)(\d*)([EO]?)([a-zA-Z%])/g)) {
    const [whole, flags, width, , letter] = match as unknown as [string, string, string, string, string]
    const directive = directives[letter]
    if (!directive) continue
    parts.push(format.slice(end, match.index), (fields) => written(directive(fields), flags, Number(width)))
    end = match.index + whole.length
  }
  return [...parts, format.slice(end)]
}

function written(value: Value, flags: string, width: number): string {
  const [number, digits, usual = '0'] = typeof value === 'string' ? [value, 0, ' ' as const] : value
  const asked = /[-_0](?=[^-_0]*$)/.exec(flags)?.[0]
  const fill = asked === '_' ? ' ' : asked === '0' ? '0' : usual
  const text = String(number).padStart(asked === '-' ? 0 : Math.max(width, digits), fill)
  if (flags.includes('^')) return text.toUpperCase()
  if (!flags.includes('#')) return text
  return text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase()
}

function composed(format: string): (fields: Fields) => string {
  return (fields) =>
    compile(format)
      .map((part) => (typeof part === 'string' ? part : part(fields)))
      .join('')
}

/** The week of ISO 8601: it is of the year that its Thursday is in. */
function isoWeek({ year, yearday, weekday }: Fields): { readonly year: number; readonly week: number } {
  const thursday = new Date(Date.UTC(year, 0, yearday + 4 - (weekday || 7)))
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  return { year: thursday.getUTCFullYear(), week: Math.floor((thursday.getTime() - first) / (7 * 86_400_000)) + 1 }
}

function offset({ date, utc }: Pick<Fields, 'date' | 'utc'>): string {
  const minutes = utc ? 0 : -date.getTimezoneOffset()
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}${String(rest).padStart(2, '0')}`
}

/** Each knows the short names that are in use where it is spoken. */
const locales = ['en-US', 'en-GB', 'en-IN', 'en-AU', 'en-NZ', 'en-ZA']

function zone({ date, utc }: Fields): string {
  if (utc) return 'UTC'
  for (const locale of locales) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(date)
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
    if (/^[A-Z]{3,5}$/.test(name)) return name
  }
  return offset({ date, utc })
}

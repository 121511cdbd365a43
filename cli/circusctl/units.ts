/** Seconds for people: `4.2s`, `48s`, `3m 20s`, `5h 7m`, `12d 3h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)}s`
  const whole = Math.round(seconds)
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
    [1, 's'],
  ] as const
  const at = units.findIndex(([size]) => whole >= size)
  const [size, name] = units[at] as (typeof units)[number]
  const next = units[at + 1]
  return next
    ? `${Math.floor(whole / size)}${name} ${Math.floor((whole % size) / next[0])}${next[1]}`
    : `${whole}${name}`
}

const sizes = ['B', 'K', 'M', 'G', 'T', 'P']

/** The bytes of a text like `1.47M`; `undefined` when it is none (`N/A`). */
export function readSize(text: unknown): number | undefined {
  const [, number, unit = ''] = /^([\d.]+)([BKMGTP])$/.exec(String(text)) ?? []
  return number === undefined ? undefined : Number(number) * 1_024 ** sizes.indexOf(unit)
}

/** Bytes for people: `1.4M`. */
export function formatSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log2(bytes) / 10))
  const number = bytes / 1_024 ** power
  return `${power === 0 || number >= 100 ? Math.round(number) : number.toFixed(1)}${sizes[power]}`
}

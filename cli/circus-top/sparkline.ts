/** What a minute's figures are drawn with, the lowest first. */
export const blocks = '▁▂▃▄▅▆▇█'
/** The same where the terminal knows ASCII only. */
export const asciiBlocks = '_.-=+*#@'

/** A line is drawn against this many percent at least: what an idle process does should look idle. */
const leastTop = 10

/**
 * The figures of the last seconds as one line, the newest to the right; where more are there than room, each sign is
 * the highest of those it stands for, so that a short peak is seen. Seconds of which nothing is known are blanks.
 *
 * @param values One a second, the newest last.
 * @param seconds How long a time the whole width is.
 */
export function sparkline(
  values: readonly (number | undefined)[],
  width: number,
  seconds: number,
  signs: string = blocks,
): string {
  const shown = Math.min(width, seconds)
  const top = Math.max(leastTop, ...values.slice(-seconds).map((value) => value ?? 0))
  const slots = Array.from({ length: shown }, (_, at) => {
    const from = values.length - seconds + Math.floor((at * seconds) / shown)
    const to = values.length - seconds + Math.floor(((at + 1) * seconds) / shown)
    const known = values.slice(Math.max(0, from), Math.max(0, to)).filter((value) => value !== undefined)
    return known.length === 0 ? ' ' : signs.charAt(Math.round((Math.max(0, ...known) / top) * (signs.length - 1)))
  })
  return slots.join('').padStart(width)
}

import { isatty, WriteStream } from 'node:tty'
import { defineStream, ownStream } from '../../core/index.ts'
import { oneOf, optionsTable, text } from './options.ts'
import { type LineFormat, ReformattedStream } from './reformatted.ts'
import { timeFormat } from './strftime.ts'

/** In the order of their numbers: of red, 1. */
const colors = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const
type Color = (typeof colors)[number]

const ESCAPE = '\x1b'

/**
 * `TIME [PID] | LINE` for each line, coloured on black as in the original, on the daemon's own stdout.
 *
 * @param color `undefined`: no colour
 */
function fancyFormat(format: string, color: Color | undefined): LineFormat {
  const time = timeFormat(format)
  const begin = color === undefined ? '' : `${ESCAPE}[0;3${colors.indexOf(color) + 1};40m`
  const end = color === undefined ? '\n' : `${ESCAPE}[0m\n`
  return {
    // The bytes of the lines stay as they are, whatever they are.
    encoding: 'latin1',
    lines(piece) {
      const prefix = `${begin}${Buffer.from(time(piece.time)).toString('latin1')} [${piece.pid}] | `
      return (line) => `${prefix}${line}${end}`
    },
  }
}

/** A colour for a watcher: always the same one. */
function colorOf(watcher: string): Color {
  let hash = 0
  for (const byte of Buffer.from(watcher)) hash = (hash * 31 + byte) % 65_521
  return colors[hash % colors.length]!
}

/** Whether the daemon's own stdout shows colours: a terminal that can, unless `NO_COLOR` or `FORCE_COLOR` says otherwise. */
function hasColors(): boolean {
  const { env } = process
  // `getColorDepth` knows the variables and the terminals; it needs no terminal for that.
  return (isatty(1) || env['FORCE_COLOR'] !== undefined) && WriteStream.prototype.getColorDepth.call({}, env) > 1
}

/** Output goes to the daemon's own stdout, each line with its time and the process it is from, in a colour per watcher. */
export const fancyStdoutStream = defineStream({
  name: 'FancyStdoutStream',
  summary: "the daemon's own stdout, with times and pids, in colours",
  options: optionsTable({
    color: oneOf('by default one that is chosen by the name of the watcher', colors, undefined),
    time_format: text('in the terms of strftime', '%Y-%m-%d %H:%M:%S'),
  }),
  create({ color, time_format }, { watcher }) {
    const shown = hasColors() ? (color ?? colorOf(watcher)) : undefined
    return new ReformattedStream(fancyFormat(time_format, shown), ownStream(1))
  },
})

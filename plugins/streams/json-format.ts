import type { OutputPiece } from '../../core/index.ts'
import type { LineFormat } from './reformatted.ts'
import { timeFormat } from './strftime.ts'

/**
 * One JSON object for each line. What is no UTF-8 becomes U+FFFD, a carriage return before the line end is left out. A part
 * of a line says so: `partial` when the line goes on, or was never ended; `continued` when it began before.
 *
 * @param format of `time`, in the terms of strftime; `undefined`: ISO 8601 in UTC, with milliseconds
 */
export function jsonFormat(format?: string): LineFormat {
  const timeOf = format === undefined ? (time: number) => new Date(time).toISOString() : timeFormat(format)
  return {
    encoding: 'utf8',
    lines({ time, watcher, wid, pid, kind, notice }: OutputPiece) {
      const said = JSON.stringify({ time: timeOf(time), watcher, wid, pid, stream: kind, ...(notice && { notice }) })
      const head = `${said.slice(0, -1)},"line":`
      return (line, startsLine, endsLine) => {
        const text = JSON.stringify(endsLine && line.endsWith('\r') ? line.slice(0, -1) : line)
        return `${head}${text}${startsLine ? '' : ',"continued":true'}${endsLine ? '' : ',"partial":true'}}\n`
      }
    },
  }
}

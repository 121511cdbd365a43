import { hostname } from 'node:os'
import type { LogLevel } from '../config/types.ts'
import type { Entry, Output } from './entry.ts'
import { stderrOutput, tellStderr } from './stderr.ts'

/** By their numbers in RFC 3164. */
export const facilities: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  security: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  ...Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`local${n}`, 16 + n])),
}

const severities: Readonly<Record<LogLevel, number>> = { critical: 2, error: 3, warning: 4, info: 6, debug: 7 }
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Longer records are cut: a datagram that does not fit is lost whole. */
const maxRecordBytes = 8_192

/** Hands over datagrams. None of its methods throws. */
export interface Carrier {
  /** `done` hears, now or later, whether it was taken: an error, with the `code` of the call, says why not. */
  send(datagram: Buffer, done: (error?: NodeJS.ErrnoException | null) => void): void
  close(): void
}

/**
 * Records as RFC 3164 datagrams, one each. A record the carrier does not take goes to stderr, which says so once
 * until one was taken again.
 *
 * @param withHost Whether the record names this machine: a local syslog daemon adds that itself.
 */
export function syslogOutput(carrier: Carrier, facility: number, target: string, withHost: boolean): Output {
  let failing = false
  let closed = false
  return {
    write(entry) {
      if (closed) return
      carrier.send(datagramOf(entry, facility, withHost), (error) => {
        if (error && !failing) tellStderr(entry, `cannot log to ${target}, records come here: ${error.message}`)
        if (error) stderrOutput.write(entry)
        failing = Boolean(error)
      })
    },
    reopen() {},
    close() {
      closed = true
      carrier.close()
    },
  }
}

function datagramOf({ time, level, name, text }: Entry, facility: number, withHost: boolean): Buffer {
  const priority = facility * 8 + severities[level]
  const head = legacySyslogHead({
    priority,
    time,
    host: withHost ? hostname() : undefined,
    tag: name,
    pid: process.pid,
  })
  const bytes = Buffer.from(`${head}${text.replaceAll('\n', '\\n')}`)
  return bytes.length > maxRecordBytes ? bytes.subarray(0, maxRecordBytes) : bytes
}

/** What is before the text of an RFC 3164 record. `host` is left out for a local syslog daemon, which adds it itself. */
export function legacySyslogHead({
  priority,
  time,
  host,
  tag,
  pid,
}: {
  readonly priority: number
  readonly time: Date
  readonly host: string | undefined
  readonly tag: string
  readonly pid: number
}): string {
  const clock = time.toTimeString().slice(0, 8)
  const date = `${months[time.getMonth()]} ${String(time.getDate()).padStart(2)} ${clock}`
  return `<${priority}>${date}${host === undefined ? '' : ` ${host.split('.')[0]}`} ${tag}[${pid}]: `
}

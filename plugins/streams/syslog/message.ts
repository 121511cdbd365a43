import { hostname } from 'node:os'
import { legacySyslogHead, type OutputPiece, syslogFacilities } from '../../../core/index.ts'

/** By their numbers in RFC 5424. */
export const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const
type Severity = (typeof severities)[number]

/** The form of messages: RFC 5424, or the older one of RFC 3164. */
type Format = 'rfc5424' | 'rfc3164'

export interface MessageOptions {
  readonly format: Format
  readonly facility: string
  readonly severity: Severity
  /** Who the messages are said to be of. */
  readonly appName: string
  /** `undefined`: this machine, and nothing where the server adds that itself. */
  readonly hostname: string | undefined
  /** Whether the server is this machine's own. */
  readonly local: boolean
}

/** Words of the daemon about lost output. */
const NOTICE: Severity = 'warning'
const SHORTEST_TEXT_BYTES = 64

/** A message, and how many bytes of output it stands for. */
export interface Message {
  readonly data: Buffer
  readonly bytes: number
}

/** Makes messages of output: one for each line, several for one that is too long. */
export class MessageWriter {
  readonly #options: MessageOptions

  constructor(options: MessageOptions) {
    this.#options = options
  }

  /** @param maxBytes of a message */
  messages(piece: OutputPiece, maxBytes: number): Message[] {
    const begins = Buffer.from(this.#head(piece, false))
    const continues = Buffer.from(this.#head(piece, true))
    const { data } = piece
    const made: Message[] = []
    let head = piece.startsLine ? begins : continues
    for (let at = 0; at < data.length; head = begins) {
      const end = data.indexOf(0x0a, at)
      const next = end < 0 ? data.length : end + 1
      let stop = end < 0 ? data.length : end
      if (data[stop - 1] === 0x0d && stop > at) stop--
      do {
        const cut = cutBetweenCharacters(data, at, stop, Math.max(maxBytes - head.length, SHORTEST_TEXT_BYTES))
        const through = cut === stop ? next : cut
        made.push({ data: Buffer.concat([head, data.subarray(at, cut)]), bytes: through - at })
        at = through
        head = continues
      } while (at < stop)
    }
    return made
  }

  #head({ time, pid, kind, notice }: OutputPiece, isContinued: boolean): string {
    const { format, facility, severity, appName, hostname: given, local } = this.#options
    const priority = syslogFacilities[facility]! * 8 + severities.indexOf(notice ? NOTICE : severity)
    const date = new Date(time)
    if (format === 'rfc3164') {
      const host = given ?? (local ? undefined : hostname())
      return legacySyslogHead({ priority, time: date, host, tag: appName, pid })
    }
    const kindOfMessage = isContinued ? `${kind}-continued` : kind
    const host = word(given ?? hostname(), 255)
    return `<${priority}>1 ${date.toISOString()} ${host} ${word(appName, 48)} ${pid} ${kindOfMessage} - `
  }
}

/** As a field of a message can have it: visible ASCII only. */
function word(text: string, maxLength: number): string {
  return text.replace(/[^\x21-\x7e]/g, '_').slice(0, maxLength) || '-'
}

/** The end of what fits: at most `size` bytes, and no part of a character unless it is none. */
function cutBetweenCharacters(data: Buffer, from: number, to: number, size: number): number {
  if (to - from <= size) return to
  let cut = from + size
  for (let back = 0; back < 3 && (data[cut]! & 0xc0) === 0x80; back++) cut--
  return (data[cut]! & 0xc0) === 0x80 ? from + size : cut
}

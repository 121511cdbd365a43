import { defineStream, NotAllTaken, type OutputPiece, type OutputStream, syslogFacilities } from '../../core/index.ts'
import { bytes, integer, oneOf, option, optionsTable, text } from './options.ts'
import { type Message, MessageWriter, severities } from './syslog/message.ts'
import { parseTarget, type Target } from './syslog/target.ts'
import { NotAllSent, type Transport } from './syslog/transport.ts'
import { shareTransport } from './syslog/transports.ts'

/** Where the syslog daemon of a machine is. */
const LOCAL = process.platform === 'darwin' ? '/var/run/syslog' : '/dev/log'
/** What every receiver takes (RFC 5424). */
const LEAST_MAX_BYTES = 480
/** rsyslog takes 8096 unless it is told otherwise, and cuts what is longer. */
const USUAL_MAX_BYTES = 8000

/** Lines as messages to a syslog server. */
class SyslogStream implements OutputStream {
  readonly wholeLines = true
  readonly #writer: MessageWriter
  readonly #transport: Transport
  #maxBytes: number

  constructor(writer: MessageWriter, transport: Transport, maxBytes: number) {
    this.#writer = writer
    this.#transport = transport
    this.#maxBytes = maxBytes
  }

  async write(pieces: readonly OutputPiece[]): Promise<void> {
    let taken = 0
    for (;;) {
      const messages = after(pieces, taken).flatMap((piece) => this.#writer.messages(piece, this.#maxBytes))
      try {
        await this.#transport.send(messages.map(({ data }) => data))
        return
      } catch (error) {
        const { sent, code } = error instanceof NotAllSent ? error : new NotAllSent(0, error)
        taken += sizeOf(messages.slice(0, sent))
        if (code !== 'EMSGSIZE' || !this.#takeLess(messages[sent])) throw new NotAllTaken(taken, error)
      }
    }
  }

  close(): void {
    this.#transport.close()
  }

  /** A datagram was too large for the way. Returns whether a smaller one can be tried. */
  #takeLess(message: Message | undefined): boolean {
    const before = Math.min(this.#maxBytes, message?.data.length ?? this.#maxBytes)
    this.#maxBytes = Math.max(Math.floor(before / 2), LEAST_MAX_BYTES)
    return this.#maxBytes < before
  }
}

const sizeOf = (messages: readonly Message[]): number => messages.reduce((sum, message) => sum + message.bytes, 0)

/** The pieces without so many bytes at their beginning. */
function after(pieces: readonly OutputPiece[], bytes: number): OutputPiece[] {
  let left = bytes
  return pieces.flatMap((piece) => {
    const skipped = Math.min(left, piece.data.length)
    left -= skipped
    if (skipped === piece.data.length) return []
    if (skipped === 0) return [piece]
    return [{ ...piece, data: piece.data.subarray(skipped), startsLine: piece.data[skipped - 1] === 0x0a }]
  })
}

const facilities = Object.keys(syslogFacilities)
const synonyms: Readonly<Record<string, string>> = {
  emergency: 'emerg',
  panic: 'emerg',
  critical: 'crit',
  error: 'err',
  warn: 'warning',
  information: 'info',
}

const severity = option(
  { enum: severities, description: 'by default info for stdout and err for stderr' },
  undefined,
  (given) => {
    const name = given.trim().toLowerCase()
    const found =
      severities[Number(/^[0-7]$/.test(name) ? name : -1)] ??
      severities.find((each) => each === (synonyms[name] ?? name))
    if (found) return found
    throw new Error(`it must be one of ${severities.join(', ')}, or a number from 0 to 7`)
  },
)

const options = optionsTable(
  {
    address: option(
      { type: 'string', description: `a socket's path, or [udp://|tcp://]HOST[:PORT]; by default ${LOCAL}` },
      undefined,
      parseTarget,
    ),
    host: text('a server, in place of address', undefined),
    port: integer('its port', 514, { min: 1, max: 65_535 }),
    protocol: oneOf('how it is reached', ['udp', 'tcp'], 'udp'),
    facility: oneOf('what the messages are about', facilities, 'user'),
    severity,
    app_name: text('who the messages are of; by default the watcher', undefined),
    hostname: text('the machine they are of; by default this one', undefined),
    format: oneOf('rfc3164 for servers that know the older form only', ['rfc5424', 'rfc3164'], 'rfc5424'),
    framing: oneOf(
      'how messages are told apart on a connection; by default octet-counting over TCP and lf at a unix socket',
      ['octet-counting', 'lf'],
      undefined,
    ),
    max_message_bytes: bytes('a longer line becomes several messages', USUAL_MAX_BYTES, {
      min: LEAST_MAX_BYTES,
      max: 1024 * 1024,
    }),
  },
  ({ address, host }) => {
    if (address && host !== undefined) throw new Error('give either address or host, not both')
  },
)

/** Output goes to a syslog server, a message for each line. */
export const syslogStream = defineStream({
  name: 'SyslogStream',
  summary: 'a syslog server, at a unix socket or over UDP or TCP',
  options,
  create(given, { watcher, kind }) {
    const target = given.address ?? targetOf(given)
    const writer = new MessageWriter({
      format: given.format,
      facility: given.facility,
      severity: given.severity ?? (kind === 'stdout' ? 'info' : 'err'),
      appName: given.app_name ?? watcher,
      hostname: given.hostname,
      local: target.via === 'unix',
    })
    return new SyslogStream(writer, shareTransport(target, given.framing), given.max_message_bytes)
  },
})

const targetOf = ({
  host,
  port,
  protocol,
}: {
  host: string | undefined
  port: number
  protocol: 'udp' | 'tcp'
}): Target => (host === undefined ? { via: 'unix', path: LOCAL } : { via: protocol, host, port })

import { KernelError } from '../errors.ts'
import type { Output } from './entry.ts'
import { fileOutput } from './file.ts'
import { stderrOutput } from './stderr.ts'
import { facilities, syslogOutput } from './syslog.ts'
import { udpCarrier } from './udp.ts'
import { unixDatagramCarrier } from './unix-datagram.ts'

const expected = '-, a file, syslog://HOST:PORT?FACILITY or syslog:///PATH?FACILITY'
/** What a `sockaddr_un` holds at least, everywhere. */
const maxSocketPathBytes = 103

/**
 * What `logoutput` names.
 *
 * @throws ERR_OPTION_INVALID with what to write instead.
 */
export function openOutput(text: string): Output {
  if (text === '-') return stderrOutput
  const wrong = (what = expected) => new KernelError('ERR_OPTION_INVALID', ['logoutput', what, text])
  if (text.trim() === '' || text.includes('\0')) throw wrong()
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return fileOutput(text)
  if (scheme !== 'syslog') throw wrong()

  const [, target = '', facilityName = 'user'] = /^syslog:\/\/([^?]*)(?:\?(.*))?$/i.exec(text) ?? []
  const facility = Object.hasOwn(facilities, facilityName.toLowerCase())
    ? facilities[facilityName.toLowerCase()]
    : undefined
  if (facility === undefined)
    throw wrong(`a syslog output with one of the facilities ${Object.keys(facilities).join(', ')}`)
  if (target.startsWith('/')) {
    if (Buffer.byteLength(target) > maxSocketPathBytes) throw wrong(`a path of at most ${maxSocketPathBytes} bytes`)
    return syslogOutput(unixDatagramCarrier(target), facility, target, false)
  }
  const [, bracketed, bare, port = '514'] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(target) ?? []
  const host = bracketed ?? bare
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) throw wrong()
  return syslogOutput(udpCarrier(host, Number(port)), facility, target, true)
}

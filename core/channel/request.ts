import { isUtf8 } from 'node:buffer'
import { type Principal, roles } from '../command/role.ts'
import { KernelError } from '../errors.ts'

/** What a client asks for, checked as far as the envelope goes; the properties are the command's to check. */
export interface Request {
  /** As the client wrote it: case does not count. */
  readonly command: string
  readonly properties: Readonly<Record<string, unknown>>
  /** Any JSON, to be echoed; `null` when the client gave none. */
  readonly id: unknown
  /** The client wants no reply, not even an error. */
  readonly cast: boolean
  /** For whom the client asks: it is refused what that one may not do. */
  readonly as?: Principal
}

/** A frame that is no request: what to answer, unless it was a cast. */
export interface Refusal {
  readonly id: unknown
  readonly cast: boolean
  readonly error: KernelError
}

/** A frame longer than this is refused unread: parsing 20 MB would keep the daemon from its processes. */
export const maxRequestBytes = 4 * 1024 * 1024

/** What is echoed may wait for a client that does not read, thousands of times. */
const maxIdCharacters = 10_000

/** How deep lists and objects may nest, so that no command meets a value its recursion cannot walk. */
const maxDepth = 64

/** Read the JSON of a request. Never throws. */
export function decodeRequest(bytes: Buffer): Request | Refusal {
  if (bytes.length > maxRequestBytes)
    return refuse(null, false, invalid(`${bytes.length} bytes, at most ${maxRequestBytes} are read`))
  if (!isUtf8(bytes)) return refuse(null, false, invalid())
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse(null, false, invalid())
  }
  if (!isObject(value)) return refuse(null, false, invalid('it is not an object'))
  const cast = value.msg_type === 'cast'
  // A short text cannot nest too deep, and only a text with these letters can hold the key.
  const flaw = text.length > 2 * maxDepth || mayHoldProto.test(text) ? flawOf(value, 0) : undefined
  if (flaw) return refuse(null, cast, invalid(flaw))

  const { id = null, command, properties, as } = value
  if (text.length > maxIdCharacters && JSON.stringify(id).length > maxIdCharacters)
    return refuse(null, cast, invalid(`its id is longer than ${maxIdCharacters} characters`))
  if (typeof command !== 'string')
    return refuse(id, cast, new KernelError('ERR_COMMAND_UNKNOWN', [JSON.stringify(command)?.slice(0, 100) ?? 'none']))
  if (properties !== undefined && properties !== null && !isObject(properties))
    return refuse(id, cast, new KernelError('ERR_PROPERTY_INVALID', ['properties', 'an object', properties]))
  if (as !== undefined && !isPrincipal(as))
    return refuse(id, cast, new KernelError('ERR_PROPERTY_INVALID', ['as', `{name, role: ${roles.join(' or ')}}`, as]))
  return {
    command,
    properties: properties ?? {},
    id,
    cast,
    ...(as && { as: { name: as.name.slice(0, 100), role: as.role } }),
  }
}

/** `__proto__` as it stands, or any escape that could spell one of its letters. */
const mayHoldProto = /__proto__|\\u00(?:5f|6f|7[024])/i

/** A `__proto__` key would change the prototype of whatever object it is copied into, owner checks included. */
function flawOf(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth >= maxDepth) return `it nests more than ${maxDepth} deep`
  if (Object.hasOwn(value, '__proto__')) return 'it has a key named __proto__'
  for (const item of Object.values(value)) {
    const flaw = flawOf(item, depth + 1)
    if (flaw) return flaw
  }
  return undefined
}

function isPrincipal(value: unknown): value is Principal {
  return isObject(value) && typeof value.name === 'string' && roles.some((role) => role === value.role)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(why?: string): KernelError {
  return new KernelError('ERR_REQUEST_INVALID', [why])
}

function refuse(id: unknown, cast: boolean, error: KernelError): Refusal {
  return { id, cast, error }
}

import type { Dealer, Subscriber } from 'zeromq'
import { KernelError } from '../errors.ts'
import type { ClientKeys } from './curve/key-pair.ts'
import type { Endpoint } from './endpoint.ts'
import { probe } from './probe.ts'

/** Have a socket that is not connected yet speak CURVE. */
export function useKeys(socket: Dealer | Subscriber, { publicKey, secretKey, serverKey }: ClientKeys): void {
  socket.curvePublicKey = publicKey
  socket.curveSecretKey = secretKey
  socket.curveServerKey = serverKey
}

/**
 * Be told, in words that say what to check, when the other side does not let this socket in; and by `hungUp` when it
 * ended the connection before it did.
 */
export function onRefusal(
  socket: Dealer | Subscriber,
  { text, transport }: Endpoint,
  keys: ClientKeys | undefined,
  refused: (error: KernelError) => void,
  hungUp: () => void,
): void {
  let wasIn = false
  const events = socket.events
  events.on('handshake', () => (wasIn = true))
  events.on('handshake:error:auth', () => {
    const why = keys
      ? `your public key ${keys.publicKey} is not in its list of clients (client_keys)`
      : transport === 'ipc'
        ? 'its socket is not for this user (endpoint_owner, endpoint_mode)'
        : 'it does not say why'
    refused(new KernelError('ERR_KEY_REFUSED', [text, why]))
  })
  events.on('handshake:error:protocol', ({ error }) => {
    if (!('code' in error) || error.code !== 'ERR_ZMTP_MECHANISM_MISMATCH') return
    refused(new KernelError(keys ? 'ERR_KEY_NOT_WANTED' : 'ERR_KEY_WANTED', [text]))
  })
  events.on('handshake:error:other', () => {
    if (!wasIn) hungUp()
  })
}

/**
 * Why a server hangs up in the handshake without a word: one that cannot read what it is sent does, for CURVE. `undefined`
 * when that is not it: it ends, perhaps.
 */
export async function explainHangUp(
  endpoint: Endpoint,
  keys: ClientKeys | undefined,
): Promise<KernelError | undefined> {
  const found = await probe(endpoint, 300, { greet: true })
  if (found.id !== 'open' || found.mechanism === undefined) return undefined
  if (found.mechanism === 'CURVE') return hangUpOfCurve(endpoint, keys)
  return keys && new KernelError('ERR_KEY_NOT_WANTED', [endpoint.text])
}

/** Why a server that is known to speak CURVE hangs up. */
export const hangUpOfCurve = ({ text }: Endpoint, keys: ClientKeys | undefined): KernelError =>
  new KernelError(keys ? 'ERR_SERVER_KEY_WRONG' : 'ERR_KEY_WANTED', [text])

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

/** Be told, in words that say what to check, when the other side does not let this socket in. */
export function onRefusal(
  socket: Dealer | Subscriber,
  { text, transport }: Endpoint,
  keys: ClientKeys | undefined,
  refused: (error: KernelError) => void,
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
  // A CURVE server that cannot read what it is sent hangs up. So does one that ends; but then it did let us in before.
  if (keys) {
    events.on('handshake:error:other', () => {
      if (!wasIn) refused(new KernelError('ERR_SERVER_KEY_WRONG', [text]))
    })
  }
}

/** Why a server hung up on a socket with keys, when it was not asked before whether it wants any. */
export async function explainHangUp(error: KernelError, endpoint: Endpoint): Promise<KernelError> {
  if (error.code !== 'ERR_SERVER_KEY_WRONG') return error
  const found = await probe(endpoint, 300, { greet: true })
  const isPlain = found.id === 'open' && found.mechanism !== undefined && found.mechanism !== 'CURVE'
  return isPlain ? new KernelError('ERR_KEY_NOT_WANTED', [endpoint.text]) : error
}

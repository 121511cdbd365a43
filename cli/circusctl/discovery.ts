import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** A daemon that answered. */
export interface Found {
  /** Of its control channel, as it says itself. */
  readonly endpoint: string
  /** Where the answer came from. */
  readonly address: string
}

/** A question or an answer may be lost: so often, evenly over the time, everybody is asked. */
const questions = 2
/** Nobody's endpoint is longer, and nobody's list of daemons. */
const maxAnswerBytes = 1_000
const maxFound = 10_000

/** `udp://ADDRESS:PORT` of a multicast group, or `undefined`. */
export function readGroup(text: string): URL | undefined {
  if (!/^udp:\/\/2(2[4-9]|3\d)(\.\d{1,3}){3}:\d{1,5}$/.test(text)) return undefined
  return URL.canParse(text) ? new URL(text) : undefined
}

/** Ask a multicast group over every network interface. Resolves, after `waitMs`, to those who answered, by endpoint. */
export async function askNetwork(group: URL, waitMs: number, interrupted: AbortSignal): Promise<Found[]> {
  const found = new Map<string, Found>()
  const socket = createSocket('udp4')
  try {
    socket.on('message', (data, { address }) => {
      const endpoint = data.length <= maxAnswerBytes ? readEndpoint(String(data)) : undefined
      if (endpoint !== undefined && found.size < maxFound) found.set(`${address} ${endpoint}`, { endpoint, address })
    })
    socket.bind(0)
    await once(socket, 'listening')
    socket.on('error', () => {})
    socket.setMulticastTTL(255) // the original's
    for (let asked = 0; asked < questions && !interrupted.aborted; asked++) {
      await askEverywhere(socket, group)
      await sleep(waitMs / questions, undefined, { signal: interrupted }).catch(() => {})
    }
  } finally {
    socket.close()
  }
  return onePerDaemon([...found.values()])
}

async function askEverywhere(socket: ReturnType<typeof createSocket>, group: URL): Promise<void> {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  for (const { family, address } of interfaces) {
    if (family !== 'IPv4') continue
    try {
      socket.setMulticastInterface(address)
      // One after another: which interface it goes out by is decided when it does.
      await new Promise((resolve) => socket.send('{}', Number(group.port), group.hostname, resolve))
    } catch {
      // An interface that has gone, or has no multicast.
    }
  }
}

/** The text comes from whoever wants to send one. */
function readEndpoint(text: string): string | undefined {
  try {
    const { endpoint } = Object(JSON.parse(text))
    return typeof endpoint === 'string' && /^[a-z]+:\/\/[^\s\p{C}]+$/u.test(endpoint) ? endpoint : undefined
  } catch {
    return undefined
  }
}

/** A machine answers from each of its addresses; what only it can use (ipc, loopback) may be there on another as well. */
function onePerDaemon(found: readonly Found[]): Found[] {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address)),
  )
  const seen = new Set<string>()
  return found
    .toSorted((a, b) => (a.endpoint < b.endpoint ? -1 : a.endpoint > b.endpoint ? 1 : a.address < b.address ? -1 : 1))
    .filter(({ endpoint, address }) => {
      const key = `${endpoint} ${own.has(address) ? 'here' : address}`
      return seen.has(key) ? false : seen.add(key)
    })
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import type { SocketAddress } from '../posix/socket-address.ts'

/**
 * Who has an address, in words: `pid 4242, nginx`. `null` when that cannot be found out: another user's process, another
 * system than Linux.
 */
export function holderOf({ address, datagrams }: { address: SocketAddress; datagrams: boolean }): string | null {
  if (address.family === 'AF_UNIX') return null
  const inodes = inodesAt(address.port, datagrams ? ['udp', 'udp6'] : ['tcp', 'tcp6'])
  if (inodes.size === 0) return null
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const fd of list(`/proc/${pid}/fd`)) {
      if (inodes.has(linkOf(`/proc/${pid}/fd/${fd}`))) return `pid ${pid}, ${programOf(pid)}`
    }
  }
  return null
}

/** Threads rename themselves, and with them their process: the file that is run says more. */
function programOf(pid: string): string {
  return basename(linkOf(`/proc/${pid}/exe`)) || read(`/proc/${pid}/comm`).trim()
}

/** Links, as /proc shows them, of the sockets bound to a port. The tables are described in proc(5). */
function inodesAt(port: number, tables: readonly string[]): Set<string> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  const found = new Set<string>()
  for (const table of tables) {
    for (const line of read(`/proc/net/${table}`).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      const isBound = state === '0A' || table.startsWith('udp') // listening
      if (isBound && local?.endsWith(`:${wanted}`)) found.add(`socket:[${inode}]`)
    }
  }
  return found
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

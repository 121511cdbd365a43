import { lstatSync, readFileSync } from 'node:fs'
import type { Peer } from './zap.ts'

/** Who may connect to an `ipc://` channel. */
export interface PeerRules {
  /** File mode of the socket. */
  readonly mode: number
  /** The user the socket was given to. */
  readonly owner: number | null
  /** The socket file; `null` for an abstract socket. */
  readonly path: string | null
}

/**
 * Whether the rules let a process connect: the daemon's user, root, the owner; with a `mode` that opens the socket to
 * its group, whoever is in that (the daemon's for an abstract socket); with one that opens it to all, anybody. The file's mode says the same, but an
 * abstract socket has no file.
 */
export function mayConnect({ mode, owner, path }: PeerRules, peer: Peer): boolean {
  if (mode & 0o002) return true
  if (peer.uid === 0 || peer.uid === process.geteuid?.() || peer.uid === owner) return true
  return (mode & 0o020) !== 0 && groupsOf(peer).includes(groupOf(path))
}

/** Who may connect, in words. */
export function describePeers({ mode, owner, path }: PeerRules): string {
  if (mode & 0o002) return 'every user of this machine'
  const users = [...new Set([process.geteuid?.() ?? 0, 0, ...(owner === null ? [] : [owner])])]
  const group = mode & 0o020 ? ` and group ${groupOf(path)}` : ''
  return `${users.length > 1 ? 'uids' : 'uid'} ${users.join(', ')}${group}`
}

function groupOf(path: string | null): number {
  const stat = path === null ? undefined : lstatSync(path, { throwIfNoEntry: false })
  return stat?.gid ?? process.getegid?.() ?? -1
}

/** libzmq tells only the first of them. */
function groupsOf({ gid, pid }: Peer): number[] {
  try {
    const [, more = ''] = /^Groups:(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return [gid, ...more.trim().split(/\s+/).filter(Boolean).map(Number)]
  } catch {
    return [gid]
  }
}

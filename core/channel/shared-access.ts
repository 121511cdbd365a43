import type { Log } from '../log.ts'
import type { Access } from './guard.ts'

/** What a process beside the daemon needs to let in those whom the daemon lets in. It holds no secret itself. */
export interface SharedAccess {
  readonly mode: number
  readonly owner: number | null
  /** Files: the daemon's key, and the list of those that may connect. `null` without `auth = curve`. */
  readonly keys: { readonly server: string; readonly clients: string } | null
}

/** Who may listen to a channel of this process. Rejects with `ERR_KEY_FILE_INVALID` where the keys cannot be read. */
export async function readSharedAccess({ keys, ...file }: SharedAccess, log: Log): Promise<Access> {
  if (!keys) return { ...file, keys: null }
  // Loaded when there are keys: node:crypto alone takes milliseconds.
  const { DaemonKeys } = await import('./curve/daemon-keys.ts')
  const daemonKeys = new DaemonKeys(keys.server, keys.clients, log)
  daemonKeys.list.watch()
  return { ...file, keys: daemonKeys }
}

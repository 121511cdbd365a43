import { accessSync, constants } from 'node:fs'
import { KernelError } from '../errors.ts'
import { exceeds, hardLimit, type Limit } from './limits.ts'
import { groupByName, userById, userByName } from './users.ts'

/** What must be in force before a program's first instruction, beyond what spawning itself can do. */
export interface Confinement {
  readonly uid: string | number | null
  readonly gid: string | number | null
  readonly rlimits: Readonly<Record<string, Limit>>
}

/**
 * The command that puts `confinement` in force and then becomes the program at `path`: a chain of execs through
 * util-linux's `prlimit` and `setpriv`, so that the pid stays the same. Empty when nothing has to be done.
 * Throws `ERR_SPAWN_FAILED` for a user, group or limit that cannot be had, `ERR_PLATFORM_UNSUPPORTED` without the tools.
 */
export function execChain(watcher: string, { uid, gid, rlimits }: Confinement): string[] {
  return [...limitsPart(watcher, rlimits), ...userPart(watcher, uid, gid)]
}

function limitsPart(watcher: string, rlimits: Confinement['rlimits']): string[] {
  const entries = Object.entries(rlimits)
  if (entries.length === 0) return []
  const flags = entries.map(([name, limit]) => {
    const hard = hardLimit(name)
    if (process.geteuid!() !== 0 && exceeds(limit, hard)) {
      throw new KernelError('ERR_SPAWN_FAILED', [
        watcher,
        `rlimit_${name} = ${limit} is more than the ${hard} this user may have; only root can raise it`,
      ])
    }
    return `--${name === 'ofile' ? 'nofile' : name}=${limit}:${limit}`
  })
  return [tool('prlimit', 'rlimit_*'), ...flags]
}

function userPart(watcher: string, uid: string | number | null, gid: string | number | null): string[] {
  if (uid === null && gid === null) return []
  const user = uid === null ? null : findUser(watcher, uid)
  const group = gid === null ? (user?.gid ?? null) : findGroup(watcher, gid)
  const [euid, egid] = [process.geteuid!(), process.getegid!()]
  const isMe = (user === null || user.uid === euid) && (group === null || group === egid)
  if (euid !== 0) {
    if (isMe) return []
    throw new KernelError('ERR_SPAWN_FAILED', [watcher, 'only root can run a program as another user or group'])
  }
  return [
    tool('setpriv', 'uid and gid'),
    ...(user === null ? [] : [`--reuid=${user.uid}`]),
    ...(group === null ? [] : [`--regid=${group}`]),
    user === null ? '--keep-groups' : user.name === null ? '--clear-groups' : '--init-groups',
    '--',
  ]
}

function findUser(watcher: string, uid: string | number): { uid: number; gid: number | null; name: string | null } {
  const number = Number(uid)
  const user = Number.isInteger(number) ? userById(number) : userByName(String(uid))
  if (user) return user
  // A number needs no entry in the user database; then it has no groups but the one that is given.
  if (Number.isInteger(number)) return { uid: number, gid: number, name: null }
  throw new KernelError('ERR_SPAWN_FAILED', [watcher, `uid = ${uid}: this machine has no such user`])
}

function findGroup(watcher: string, gid: string | number): number {
  const number = Number(gid)
  if (Number.isInteger(number)) return number
  const group = groupByName(String(gid))
  if (group) return group.gid
  throw new KernelError('ERR_SPAWN_FAILED', [watcher, `gid = ${gid}: this machine has no such group`])
}

const tools = new Map<string, string>()

function tool(name: string, option: string): string {
  const known = tools.get(name)
  if (known) return known
  for (const folder of ['/usr/bin', '/bin', '/usr/local/bin', '/sbin', '/usr/sbin']) {
    const path = `${folder}/${name}`
    try {
      accessSync(path, constants.X_OK)
      tools.set(name, path)
      return path
    } catch {
      // the next folder
    }
  }
  throw new KernelError('ERR_PLATFORM_UNSUPPORTED', [option, `the program ${name} (package util-linux)`])
}

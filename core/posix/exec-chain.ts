import { accessSync, constants } from 'node:fs'
import { KernelError } from '../errors.ts'
import { exceeds, highestLimit, type Limit } from './limits.ts'
import { groupByName, userById, userByName } from './users.ts'

/** What must be in force before a program's first instruction, beyond what spawning itself can do. */
export interface Confinement {
  readonly uid: string | number | null
  readonly gid: string | number | null
  readonly rlimits: Readonly<Record<string, Limit>>
  /** The soft limit of open files, where `rlimits` says nothing of it and there is a program to set it. */
  readonly files?: number | undefined
  /** Whether the program finds its own pid in LISTEN_PID: sd_listen_fds(3). */
  readonly tellPid?: boolean
}

/** A chain of execs that ends in the program. */
export interface ExecChain {
  /** What comes before the program and its arguments; empty when nothing has to be done. */
  readonly prefix: readonly string[]
  /** The environment to begin with; the program gets all of it. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * The command that puts `confinement` in force and then becomes the program at `path`: a chain of execs through
 * util-linux's `prlimit` and `setpriv`, so that the pid stays the same.
 * Throws `ERR_SPAWN_FAILED` for a user, group or limit that cannot be had, `ERR_PLATFORM_UNSUPPORTED` without the tools.
 */
export function execChain(
  watcher: string,
  { uid, gid, rlimits, files, tellPid = false }: Confinement,
  path: string,
  env: Readonly<Record<string, string>>,
): ExecChain {
  const confining = [...limitsPart(watcher, rlimits, files), ...userPart(watcher, uid, gid)]
  const chain = tellPid ? [...confining, ...pidPart] : confining
  if (chain.length === 0) return { prefix: [], env }
  const all = Object.entries(env)
  const late = all.filter(([name]) => isHarmful(name) || (tellPid && !isShellName(name)))
  if (late.length === 0) return { prefix: chain, env }
  if (path.includes('=')) {
    const why = `${path}: with a = in its path it cannot be given ${late.map(([name]) => name).join(' ')}`
    throw new KernelError('ERR_SPAWN_FAILED', [watcher, why])
  }
  return {
    prefix: [...chain, tool('env', 'a dynamic linker variable'), ...late.map(([name, value]) => `${name}=${value}`)],
    env: Object.fromEntries(all.filter((entry) => !late.includes(entry))),
  }
}

/** The pid is known only once there is a process; it is the same after the exec. */
const pidPart: readonly string[] = ['/bin/sh', '-c', 'export LISTEN_PID=$$; exec "$@"', 'sh']
/** A shell loses the variables whose names it could not write. */
const isShellName = (name: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)

/** The number of the user that a program is made to run as; `null` when it is the one of this process. */
export function runsAs(watcher: string, { uid }: Confinement): number | null {
  const user = uid === null ? null : findUser(watcher, uid)
  return user && user.uid !== process.geteuid!() ? user.uid : null
}

/** Variables that make a C library run or read files of somebody's choice: not while the chain is still root. */
const harmfulNames: ReadonlySet<string> = new Set([
  ...['GCONV_PATH', 'GETCONF_DIR', 'GLIBC_TUNABLES', 'HOSTALIASES', 'LOCALDOMAIN', 'LOCPATH', 'NIS_PATH', 'NLSPATH'],
  ...['RESOLV_HOST_CONF', 'RES_OPTIONS', 'TZDIR'],
])
const isHarmful = (name: string) => harmfulNames.has(name) || /^(LD|DYLD|MALLOC)_/.test(name)

function limitsPart(watcher: string, rlimits: Confinement['rlimits'], files: number | undefined): string[] {
  const entries = Object.entries(rlimits)
  const flags = entries.map(([name, limit]) => {
    const highest = highestLimit(name)
    if (exceeds(limit, highest)) {
      const why = `rlimit_${name} = ${limit} is more than ${highest}, the most that this daemon can give`
      throw new KernelError('ERR_SPAWN_FAILED', [watcher, why])
    }
    return `--${name === 'ofile' ? 'nofile' : name}=${limit}:${limit}`
  })
  const isSaid = 'nofile' in rlimits || 'ofile' in rlimits
  if (files !== undefined && !isSaid && findTool('prlimit')) flags.push(`--nofile=${files}:`)
  return flags.length === 0 ? [] : [tool('prlimit', 'rlimit_*'), ...flags]
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
  const path = findTool(name)
  if (path) return path
  throw new KernelError('ERR_PLATFORM_UNSUPPORTED', [option, `the program ${name} (package util-linux)`])
}

function findTool(name: string): string | undefined {
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
  return undefined
}

/**
 * Starts programs. The choice of how is made here and nowhere else.
 *
 * On Linux `posix_spawn` through koffi: about half the time of `child_process.spawn`, no growth with the daemon's size
 * (the C library shares the address space until the exec), the exec's error as its return value, and a pidfd that tells
 * the exit of any process, child or not. Elsewhere `child_process`.
 */
import { type ChildProcess, spawn as spawnChild } from 'node:child_process'
import { kill } from 'node:process'
import {
  close,
  errno,
  errnoWords,
  pidfdOpen,
  pidfdSendSignal,
  posixSpawn,
  sigemptyset,
  spawnActionsChdir,
  spawnActionsCloseFrom,
  spawnActionsDestroy,
  spawnActionsDup2,
  spawnActionsInit,
  spawnAttributesInit,
  spawnAttributesSetFlags,
  spawnAttributesSetSigdefault,
  spawnAttributesSetSigmask,
  systemError,
  waitpid,
} from './libc.ts'
import { withFilesOfPrograms } from './limits.ts'
import { type Watch, watchReadable } from './reactor.ts'
import { SIGKILL, signalNumber } from './signals.ts'

/** What to start. */
export interface Launch {
  /** The file to run: with a `/`, or relative to `cwd`. */
  readonly path: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** The daemon's descriptors that become 0, 1, 2, 3, … of the program. It gets no others. */
  readonly fds: readonly number[]
}

/** How a process ended: by `exit(code)`, or by a signal. Both `null` when nobody can tell (it was not our child). */
export interface Ending {
  readonly code: number | null
  readonly signum: number | null
}

/** A process that was started. Its pid names it until `onEnd` was called. */
export interface Launched {
  readonly pid: number
  /** Send a signal. `false` when the process has ended. Throws `ERR_SYSTEM_CALL` when it is refused. */
  signal(signum: number): boolean
  /** From now on it does not keep this process alive; its end is noticed all the same. */
  unref(): void
}

/** The errno of a program that could not be started: `ENOENT`, `EACCES`, … */
export class LaunchError extends Error {
  readonly errnoName: string

  constructor(number: number) {
    const [name, meaning] = errnoWords(number)
    super(`${name}, ${meaning}`)
    this.errnoName = name
  }
}

/**
 * Start a program in a session of its own, with no signal blocked or ignored. `onEnd` is called once, as soon as it has
 * ended and been reaped; never before this returns. Throws `LaunchError`.
 */
export const launch: (request: Launch, onEnd: (ending: Ending) => void) => Launched =
  process.platform === 'linux' && spawnActionsChdir !== null ? launchWithPosixSpawn : launchWithChildProcess

const POSIX_SPAWN_SETSIGDEF = 0x04
const POSIX_SPAWN_SETSIGMASK = 0x08
const POSIX_SPAWN_SETSID = 0x80
const WNOHANG = 1
const ESRCH = 3

// Larger than the structures of any C library.
const actions = Buffer.alloc(256)
const attributes = process.platform === 'linux' ? sessionLeader() : Buffer.alloc(0)

function sessionLeader(): Buffer {
  const result = Buffer.alloc(512)
  const signals = Buffer.alloc(128)
  spawnAttributesInit(result)
  spawnAttributesSetFlags(result, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID)
  sigemptyset(signals)
  spawnAttributesSetSigmask(result, signals)
  // Node ignores SIGPIPE, and what is ignored stays so over an exec. `sigfillset` would leave out the two signals that
  // glibc keeps for itself, and glibc 2.36 makes a child ignore those.
  signals.fill(0xff)
  spawnAttributesSetSigdefault(result, signals)
  return result
}

function launchWithPosixSpawn(request: Launch, onEnd: (ending: Ending) => void): Launched {
  const { path, argv, env, cwd, fds } = request
  const pid: [number] = [0]
  spawnActionsInit(actions)
  try {
    spawnActionsChdir!(actions, cwd)
    for (const [from, to] of dupOrder(fds)) spawnActionsDup2(actions, from, to)
    spawnActionsCloseFrom?.(actions, fds.length)
    const environment = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    const failure = withFilesOfPrograms(fds, () =>
      posixSpawn(pid, path, actions, attributes, [...argv, null], [...environment, null]),
    )
    if (failure !== 0) throw new LaunchError(failure)
  } finally {
    spawnActionsDestroy(actions)
  }
  try {
    return watchChild(pid[0], onEnd)
  } catch (error) {
    // Nobody would notice its end: it must not be.
    kill(pid[0], SIGKILL)
    waitpid(pid[0], [0], 0)
    throw error
  }
}

/** How to make `fds` 0, 1, 2, …: a descriptor whose number is needed before its turn goes out of the way first. */
function dupOrder(fds: readonly number[]): [from: number, to: number][] {
  const spare = Math.max(...fds, fds.length) + 1
  const away = fds.map((fd, target) => (fd < target ? spare + target : fd))
  return [
    ...away.flatMap((fd, target): [number, number][] => (fd === fds[target] ? [] : [[fds[target]!, fd]])),
    ...away.map((fd, target): [number, number] => [fd, target]),
  ]
}

function watchChild(pid: number, onEnd: (ending: Ending) => void): Launched {
  let pidfd = pidfdOpen(pid)
  if (pidfd < 0) throw systemError('pidfd_open', `${pid}`, errno())
  let watch: Watch
  try {
    watch = watchReadable(pidfd, () => {
      const ending = reap(pid)
      if (ending === null) return
      watch.end()
      close(pidfd)
      pidfd = -1
      onEnd(ending)
    })
  } catch (error) {
    close(pidfd)
    throw error
  }
  return {
    pid,
    unref: () => watch.unref(),
    signal(signum) {
      if (pidfd < 0) return false
      if (pidfdSendSignal(pidfd, signum) === 0) return true
      if (errno() === ESRCH) return false
      throw systemError('kill', `${pid}`, errno())
    },
  }
}

/** The ending of a child, or `null` while it lives. wait(2) tells how the status is laid out. */
function reap(pid: number): Ending | null {
  const status: [number] = [0]
  const reaped = waitpid(pid, status, WNOHANG)
  if (reaped === 0) return null
  if (reaped < 0) return { code: null, signum: null }
  const signum = status[0] & 0x7f
  return signum === 0 ? { code: (status[0] >> 8) & 0xff, signum: null } : { code: null, signum }
}

function launchWithChildProcess(request: Launch, onEnd: (ending: Ending) => void): Launched {
  const { path, argv, env, cwd, fds } = request
  const child: ChildProcess = spawnChild(path, argv.slice(1), {
    argv0: argv[0],
    cwd,
    env,
    stdio: [...fds],
    detached: true,
  })
  const { pid } = child
  // Node tells why only later; by then `diagnose` in core/process.ts has found out by itself.
  child.on('error', () => {})
  if (pid === undefined) throw new LaunchError(2)
  let ended = false
  child.on('exit', (code, name) => {
    ended = true
    onEnd({ code, signum: name && signalNumber(name) })
  })
  return { pid, signal: (signum) => !ended && child.kill(signum), unref: () => child.unref() }
}

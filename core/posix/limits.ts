import { readFileSync } from 'node:fs'
import { errno, getrlimit, setrlimit, systemError } from './libc.ts'

/** Numbers of the resources: those of Linux (x86, arm, riscv) and of macOS. Names as in RLIMIT_NAME, lower case. */
const resources: Readonly<Record<string, number>> =
  process.platform === 'darwin'
    ? { cpu: 0, fsize: 1, data: 2, stack: 3, core: 4, as: 5, rss: 5, memlock: 6, nproc: 7, nofile: 8 }
    : {
        cpu: 0,
        fsize: 1,
        data: 2,
        stack: 3,
        core: 4,
        rss: 5,
        nproc: 6,
        nofile: 7,
        ofile: 7,
        memlock: 8,
        as: 9,
        locks: 10,
        sigpending: 11,
        msgqueue: 12,
        nice: 13,
        rtprio: 14,
        rttime: 15,
      }

/** Every resource that can be limited here. */
export const limitNames: readonly string[] = Object.keys(resources)

/** A limit of a resource; soft and hard are set alike. */
export type Limit = number | 'unlimited'

/** The most that a program started here can be given. */
export function highestLimit(name: string): Limit {
  mayRaise ??= mayRaiseLimits()
  if (!mayRaise) return hardLimit(name)
  const isFiles = name === 'nofile' || name === 'ofile'
  return isFiles && process.platform === 'linux' ? mostFiles() : 'unlimited'
}

const CAP_SYS_RESOURCE = 24
let mayRaise: boolean | undefined

/** Whether this process may raise its own hard limits. Root in a container often may not. */
function mayRaiseLimits(): boolean {
  if (process.platform !== 'linux') return process.geteuid!() === 0
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? []
  return ((BigInt(`0x${effective}`) >> BigInt(CAP_SYS_RESOURCE)) & 1n) === 1n
}

/** More than this nobody may have on Linux, so that there is no unlimited number of files. */
function mostFiles(): Limit {
  return Number(readFileSync('/proc/sys/fs/nr_open', 'latin1'))
}

/** The limit that is in force for this process. */
export const softLimit = (name: string): Limit => asLimit(limitsOf(name).readBigUInt64LE(0))

/** The hard limit of this process. */
const hardLimit = (name: string): Limit => asLimit(limitsOf(name).readBigUInt64LE(8))

const asLimit = (limit: bigint): Limit => (limit >= 2n ** 63n - 1n ? 'unlimited' : Number(limit))

/** A `struct rlimit`: the soft limit of this process, and the hard one. */
function limitsOf(name: string): Buffer {
  const limits = Buffer.alloc(16)
  if (getrlimit(resources[name]!, limits) !== 0) throw systemError('getrlimit', name, errno())
  return limits
}

/** Whether `wanted` is more than `granted`. */
export const exceeds = (wanted: Limit, granted: Limit): boolean =>
  granted !== 'unlimited' && (wanted === 'unlimited' || wanted > granted)

/** So many files may be opened elsewhere in this process while a program is being started. */
const SPARE_FILES = 64

/** A soft limit of open files for programs that is lower than that of this process. */
let filesOfPrograms: { readonly soft: number; readonly own: Buffer; readonly theirs: Buffer } | undefined

/**
 * Let programs have so many open files at first (the soft limit), if this process may have more: Node raises its own soft
 * limit as it starts, to what a daemon with pipes to many programs needs, and programs that use select(2), or go through
 * all the descriptors there may be, need a low one. The hard limit stays as it is.
 */
export function limitFilesOfPrograms(soft: number): void {
  filesOfPrograms = undefined
  const own = limitsOf('nofile')
  if (!Number.isSafeInteger(soft) || soft < 0 || BigInt(soft) >= own.readBigUInt64LE()) return
  const theirs = Buffer.from(own)
  theirs.writeBigUInt64LE(BigInt(soft))
  filesOfPrograms = { soft, own, theirs }
}

/**
 * Start a program with the soft limit of open files that is meant for programs, unless `chainedFiles` says that it takes
 * another way. `fds` are its descriptors, in this process.
 */
export function withFilesOfPrograms<T>(fds: readonly number[], start: () => T): T {
  if (!filesOfPrograms || !fits(fds, filesOfPrograms.soft)) return start()
  const { own, theirs } = filesOfPrograms
  setrlimit(resources['nofile']!, theirs)
  try {
    return start()
  } finally {
    setrlimit(resources['nofile']!, own)
  }
}

/**
 * The soft limit of open files that a program has to be given by another program, because this process has too many files
 * open to live with that limit for a moment: another thread could not open any.
 */
export const chainedFiles = (fds: readonly number[]): number | undefined =>
  filesOfPrograms && !fits(fds, filesOfPrograms.soft) ? filesOfPrograms.soft : undefined

/** The lowest free number is what is opened next: with a high one, that many files are open. */
const fits = (fds: readonly number[], soft: number) => Math.max(...fds) + fds.length + SPARE_FILES < soft

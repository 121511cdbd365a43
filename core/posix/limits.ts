import { readFileSync } from 'node:fs'
import { errno, getrlimit, systemError } from './libc.ts'

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

/** The hard limit of this process. */
function hardLimit(name: string): Limit {
  const limit = Buffer.alloc(16)
  if (getrlimit(resources[name]!, limit) !== 0) throw systemError('getrlimit', name, errno())
  const hard = limit.readBigUInt64LE(8)
  return hard >= 2n ** 63n - 1n ? 'unlimited' : Number(hard)
}

/** Whether `wanted` is more than `granted`. */
export const exceeds = (wanted: Limit, granted: Limit): boolean =>
  granted !== 'unlimited' && (wanted === 'unlimited' || wanted > granted)

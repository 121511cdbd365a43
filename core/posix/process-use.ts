import { readdirSync, statSync } from 'node:fs'
import { procBuffer, readProc, readProcText } from './proc-file.ts'

/** What a process holds and has moved. `null`: it may not be looked at. */
export interface ProcessUse {
  /** Open descriptors. */
  readonly fds: number | null
  /** Bytes that it had the kernel fetch from a disk. */
  readonly readBytes: number | null
  /** Bytes that it had the kernel write to one. */
  readonly writeBytes: number | null
}

/** Who a process is. Seldom changes. */
export interface ProcessIdentity {
  /** The real user; `null` when that cannot be read. */
  readonly uid: number | null
  /** The first argument, a name that a program gives itself included; empty when there is none. */
  readonly argv0: string
}

/** What `pid` holds and has moved. */
export function processUse(pid: number): ProcessUse {
  const moved = readProcText(`/proc/${pid}/io`)
  return {
    fds: openDescriptors(pid),
    readBytes: moved === null ? null : numberAfter(moved, '\nread_bytes: '),
    writeBytes: moved === null ? null : numberAfter(moved, '\nwrite_bytes: '),
  }
}

/** Who `pid` is. */
export function processIdentity(pid: number): ProcessIdentity {
  return { uid: realUid(pid), argv0: firstArgument(pid) ?? '' }
}

function openDescriptors(pid: number): number | null {
  const folder = `/proc/${pid}/fd`
  try {
    // Linux 6.2 and later tell the number as the folder's size, others nothing.
    return statSync(folder, { throwIfNoEntry: false })?.size || readdirSync(folder).length
  } catch {
    return null
  }
}

function numberAfter(text: string, name: string): number | null {
  const at = text.indexOf(name)
  return at < 0 ? null : Number.parseInt(text.slice(at + name.length, at + name.length + 20), 10)
}

/** The owner of the folder in /proc is root where a program may not be looked into: this is the one it runs as. */
function realUid(pid: number): number | null {
  const status = readProcText(`/proc/${pid}/status`)
  const at = status?.indexOf('\nUid:\t') ?? -1
  return at < 0 ? null : Number.parseInt(status!.slice(at + 6, at + 20), 10)
}

/** A process may write there what it likes, and as much. */
const LONGEST_ARGUMENT = 1024

function firstArgument(pid: number): string | null {
  const length = readProc(`/proc/${pid}/cmdline`)
  if (length < 0) return null
  const end = procBuffer.indexOf(0)
  return procBuffer.toString('utf8', 0, end < 0 || end > length ? length : end).slice(0, LONGEST_ARGUMENT)
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { allPids, commandLine } from '../proc.ts'

/** The processes that run `release.js` of a folder, by the process table: nobody is asked. */
export function workersIn(dir: string): number[] {
  const program = join(dir, 'release.js')
  return allPids().filter((pid) => commandLine(pid)?.some((argument) => argument.includes(program)))
}

/** Resolves when so many run, and none beside them. Rejects after a minute. */
export async function untilWorkers(dir: string, count: number): Promise<void> {
  await until(() => workersIn(dir).length === count, `${count} servers`)
}

/** Resolves when something holds; looked at each 20 ms. Rejects after a minute. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`after a minute there are not ${what}`)
    await delay(20)
  }
}

/** How many connections to a port a process has in its hands. */
export function connectionsOf(pid: number, port: number): number {
  const inodes = connectionInodes(port)
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => inodes.has(linkOf(`/proc/${pid}/fd/${fd}`))).length
}

// The table is described in proc(5).
function connectionInodes(port: number): Set<string> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1)
  const rows = lines.map((line) => line.trim().split(/\s+/))
  const connected = rows.filter(([, address, , state]) => address?.endsWith(local) && state !== '0A') // listening
  return new Set(connected.map((row) => `socket:[${row[9]}]`))
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

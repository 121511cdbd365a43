import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const configured = (name: string) => Number(execFileSync('getconf', [name], { encoding: 'utf8' }))
const ticksPerSecond = configured('CLK_TCK')
const pageBytes = configured('PAGESIZE')

/** What the kernel itself says of a process: read by other means than the code that is tested. */
export const kernel = {
  /** User and system time so far. */
  cpuSeconds(pid: number): number {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  },

  rssBytes: (pid: number): number => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageBytes,

  threads: (pid: number): number => Number(field(pid, 'status', 'Threads')),

  readBytes: (pid: number): number => Number(field(pid, 'io', 'read_bytes')),

  writeBytes: (pid: number): number => Number(field(pid, 'io', 'write_bytes')),

  /** The parts of a second that the processor time is counted in. */
  tickSeconds: 1 / ticksPerSecond,
}

function field(pid: number, file: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1]
}

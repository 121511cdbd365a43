import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../../../core/log.ts'

/** The transports each channel's tests run through. */
export const transports = ['tcp', 'ipc', 'inproc'] as const
export type Transport = (typeof transports)[number]

/** A fresh temporary folder, gone when the test ends, and endpoints that nobody else uses. */
export async function makePlace() {
  const folder = await mkdtemp(join(tmpdir(), 'circusd-channel-'))
  let count = 0
  return {
    folder,
    path: (name: string) => join(folder, name),
    endpoint(transport: Transport): string {
      count++
      if (transport === 'tcp') return 'tcp://127.0.0.1:*'
      return transport === 'ipc' ? `ipc://${join(folder, `s${count}`)}` : `inproc://${folder}/${count}`
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A log that only remembers. */
export function memoryLog(): Log & { readonly records: string[] } {
  const records: string[] = []
  const keep = (level: string) => (message: string) => void records.push(`${level} ${message}`)
  const log = {
    records,
    level: 'debug' as const,
    debug: keep('debug'),
    info: keep('info'),
    warning: keep('warning'),
    error: keep('error'),
    critical: keep('critical'),
    disclose: keep('critical'),
    child: (): Log => log,
    reopen() {},
    close() {},
  }
  return log
}

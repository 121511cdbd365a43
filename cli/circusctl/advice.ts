import { readFileSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Address } from './daemon.ts'

/** What to check when a daemon cannot be reached, line by line. */
export function advice(code: string | undefined, message: string, address: Address | undefined): string[] {
  if (code === 'ERR_CALL_TIMEOUT') {
    return ['Is that the control endpoint of a circusd? Is the daemon busy? Give it longer with --timeout SECONDS.']
  }
  if (code !== 'ERR_UNREACHABLE') return []
  if (message.includes('went away')) return ['Has it ended? Or is that not the control endpoint of a circusd?']
  const path = address && !address.ssh ? /^ipc:\/\/([^@].*)$/s.exec(address.endpoint)?.[1] : undefined
  if (message.includes('permission denied') && path !== undefined) return whoMay(path)
  return [...(path === undefined ? [] : aboutSocket(path)), whichEndpoint(address)]
}

function whichEndpoint(address: Address | undefined): string {
  const from = process.env.CIRCUSCTL_ENDPOINT
  if (address && from === address.endpoint)
    return 'Is it running? The endpoint is from CIRCUSCTL_ENDPOINT; --endpoint says another.'
  return 'Is it running? Say where with --endpoint (or CIRCUSCTL_ENDPOINT): it is `endpoint` in [circus], and in its log.'
}

function aboutSocket(path: string): string[] {
  const found = look(path)
  if (found === 'missing') return look(dirname(path)) === 'missing' ? [`There is no folder ${dirname(path)}.`] : []
  if (found === 'barred') return []
  return [found.isSocket() ? `${path} was left behind: whoever listened there is gone.` : `${path} is no socket.`]
}

function whoMay(path: string): string[] {
  const uid = process.geteuid?.()
  return [
    `You are ${nameOf(Number(uid), '/etc/passwd')} (uid ${uid}); ${ownerOf(path)}.`,
    'endpoint_owner and endpoint_mode in [circus] say who may use it.',
  ]
}

/** Whose a socket is, or the folder on the way that already keeps one out. */
function ownerOf(path: string): string {
  const found = look(path)
  if (typeof found === 'object') {
    const { uid, gid, mode } = found
    return `${path} belongs to ${nameOf(uid, '/etc/passwd')}:${nameOf(gid, '/etc/group')}, mode 0${(mode & 0o777).toString(8)}`
  }
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const info = look(folder)
    if (typeof info === 'object' || folder === dirname(folder)) return `the way to it is barred: ${ownerOf(folder)}`
  }
}

function look(path: string): Stats | 'missing' | 'barred' {
  try {
    return statSync(path)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'barred' : 'missing'
  }
}

/** A user's or group's name, as far as the local files have it. */
function nameOf(id: number, file: string): string {
  try {
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(id))
    return line?.split(':', 1)[0] ?? String(id)
  } catch {
    return String(id)
  }
}

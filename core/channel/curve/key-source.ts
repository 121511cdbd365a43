import { homedir } from 'node:os'
import { join } from 'node:path'
import { isLoopback, parseEndpoint } from '../endpoint.ts'
import type { ClientKeys } from './key-pair.ts'

// Not imported: the first import has Node load all that node:fs has, and every circusctl would wait for that.
const { existsSync } = process.getBuiltinModule('node:fs')

/** Where a client gets its keys from, should the daemon want any. */
export interface KeySource {
  /** Talk to no daemon without CURVE: it would be in the clear, and perhaps with somebody else. */
  readonly insist: boolean
  /** Rejects with ERR_KEY_FILE_INVALID. */
  load(): Promise<ClientKeys | undefined>
}

/**
 * The keys of whoever runs this program: those in the file `path` or, without one, CIRCUS_KEY; there `none` means none.
 * Else those in `client.key` in the default folder, which are used when the daemon wants some. To an address that
 * others can reach nothing is sent in the clear once there are keys.
 */
export function findKeys(endpoint: string, path: string | undefined): KeySource | undefined {
  const said = path ?? process.env['CIRCUS_KEY']
  if (said === 'none') return undefined
  if (said !== undefined && said !== '') return { insist: true, load: () => read(said) }
  const usual = join(keyFolder(), 'client.key')
  const to = parseEndpoint('endpoint', endpoint)
  const insist = to.transport === 'tcp' && !isLoopback(to.host) && existsSync(usual)
  return { insist, load: async () => (existsSync(usual) ? read(usual) : undefined) }
}

/** Where keys are unless somebody says otherwise: `/etc/circus/keys` for root, else below `~/.config`. */
export function keyFolder(): string {
  const configured = process.env['XDG_CONFIG_HOME']
  if (configured) return join(configured, 'circus', 'keys')
  return process.geteuid?.() === 0 ? '/etc/circus/keys' : join(homedir(), '.config', 'circus', 'keys')
}

/** node:crypto comes along, which takes milliseconds. */
async function read(path: string): Promise<ClientKeys> {
  const { readClientKey } = await import('./key-file.ts')
  return readClientKey(path)
}

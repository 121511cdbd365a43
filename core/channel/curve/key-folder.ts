import {
  closeSync,
  existsSync,
  fchmodSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Role } from '../../command/role.ts'
import { KernelError } from '../../errors.ts'
import { formatClientKey, formatServerKey, readServerKey } from './key-file.ts'
import { isKeyName, type ListedKey, nameForm, parseKeyList } from './key-list.ts'
import { makeKeyPair } from './key-pair.ts'
import { readTrusted } from './private-file.ts'

/** The files of a folder with keys. */
export const keyFiles = (folder: string) => ({
  /** The daemon's key. */
  server: join(folder, 'server.key'),
  /** Who may connect. */
  clients: join(folder, 'clients'),
  /** The key of whoever made the folder. */
  client: join(folder, 'client.key'),
})

/**
 * Make a key for a daemon, one for its admin, and the list in which that stands. Nothing that is there is replaced.
 *
 * @param name What the admin's key is called.
 * @throws ERR_KEY_EXISTS, ERR_KEY_FILE_INVALID (a folder that others may look into)
 */
export function initKeys(folder: string, name: string): void {
  const files = keyFiles(folder)
  const there = Object.values(files).find((file) => existsSync(file))
  if (there !== undefined) throw new KernelError('ERR_KEY_EXISTS', [`${there} is there already`])
  demandName(name)
  makeFolder(folder)
  const server = makeKeyPair()
  const client = { ...makeKeyPair(), serverKey: server.publicKey }
  create(files.server, formatServerKey(server))
  create(files.client, formatClientKey(client, name))
  create(files.clients, `${listHead}${row({ publicKey: client.publicKey, role: 'admin', name })}`)
}

/**
 * Make a key for somebody, and let them in. Returns the file to give to them.
 *
 * @throws ERR_KEY_EXISTS, ERR_KEY_FILE_INVALID
 */
export function addKey(folder: string, name: string, role: Role): string {
  const { server, clients } = keyFiles(folder)
  demandName(name)
  const { publicKey: serverKey } = readServerKey(server)
  const file = join(folder, `${name}.key`)
  const pair = makeKeyPair()
  let isMade = false
  try {
    changeList(clients, (text) => {
      if (parseKeyList(text, clients).some((key) => key.name === name)) {
        throw new KernelError('ERR_KEY_EXISTS', [`${clients} has a key ${name} already`])
      }
      create(file, formatClientKey({ ...pair, serverKey }, name))
      isMade = true
      return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${row({ ...pair, role, name })}`
    })
  } catch (error) {
    if (isMade) rmSync(file, { force: true })
    throw error
  }
  return file
}

/** Who may connect. Throws ERR_KEY_FILE_INVALID. */
export function listKeys(folder: string): ListedKey[] {
  const { clients } = keyFiles(folder)
  return parseKeyList(readTrusted(clients, { secret: false }), clients)
}

/**
 * Take a key out of the list: it is refused from then on. Whatever else stands there stays as it is. Returns whether the
 * key was there.
 *
 * @throws ERR_KEY_FILE_INVALID
 */
export function removeKey(folder: string, name: string): boolean {
  const { clients } = keyFiles(folder)
  return changeList(clients, (text) => {
    const key = parseKeyList(text, clients).find((each) => each.name === name)
    const rest = key && text.split('\n').filter((line) => !line.trimStart().startsWith(key.publicKey))
    return rest?.join('\n')
  })
}

/**
 * Put another text in place of the list, at once or not at all, for a daemon may be reading; and not two at the same
 * time, or a key that one of them takes out comes back with the other. Returns whether there was anything to change.
 */
function changeList(clients: string, change: (text: string) => string | undefined): boolean {
  readTrusted(clients, { secret: false })
  const file = realpathSync(clients)
  const draft = `${file}.new`
  const descriptor = openDraft(draft)
  try {
    const text = change(readTrusted(clients, { secret: false }))
    if (text !== undefined) {
      writeFileSync(descriptor, text)
      fchmodSync(descriptor, statSync(file).mode & 0o777)
      renameSync(draft, file)
      return true
    }
    rmSync(draft)
    return false
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** How long somebody else may take to change the list. */
const patienceMs = 5_000

function openDraft(draft: string): number {
  for (const end = Date.now() + patienceMs; ; ) {
    try {
      return openSync(draft, 'wx', 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (Date.now() > end) {
        const why = 'somebody is changing the list of keys; if nobody is any more, remove this file'
        throw new KernelError('ERR_KEY_FILE_INVALID', [draft, 0, why])
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

const listHead = `# Who may connect to a circusd with auth = curve: one line each, PUBLICKEY ROLE NAME.
# view: reading commands and events; operate: start, stop, restart, reload, incr, decr, signal, kill too; admin: everything.
# A line that is taken out is in force at once, on connections that exist as well.
`

function row({ publicKey, role, name }: ListedKey): string {
  return `${publicKey} ${role} ${name}\n`
}

function makeFolder(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 })
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (statSync(folder).mode & 0o077) {
      throw new KernelError('ERR_KEY_FILE_INVALID', [folder, 0, `others may look into it: chmod 700 ${folder}`])
    }
  }
}

function create(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new KernelError('ERR_KEY_EXISTS', [`${file} is there already`])
  }
}

function demandName(name: string): void {
  if (!isKeyName(name) || ['server', 'client'].includes(name)) {
    throw new KernelError('ERR_PROPERTY_INVALID', ['name', `a name of ${nameForm}`, name])
  }
}

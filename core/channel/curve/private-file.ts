import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
  statSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { KernelError } from '../../errors.ts'

/**
 * Read a file that decides who may do what, and make sure that nobody else had a hand in it: it belongs to this user or
 * to root, as does its folder, and others may not write to either. A `secret` one they may not even read.
 *
 * @throws ERR_KEY_FILE_INVALID saying what to do about it.
 */
export function readTrusted(path: string, { secret }: { readonly secret: boolean }): string {
  const file = resolve(path)
  const wrong = (why: string) => new KernelError('ERR_KEY_FILE_INVALID', [file, 0, why])
  let descriptor: number
  try {
    // A pipe in its place would keep us waiting for somebody who writes to it.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw wrong('there is no such file: circusctl keys init makes keys')
    throw wrong(code === 'EACCES' ? 'no permission to read it' : message)
  }
  try {
    // What was opened is looked at, not what may be at that path a moment later.
    const flaw = flawOf(fstatSync(descriptor), file, secret)
    if (flaw !== undefined) throw wrong(flaw)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

function flawOf(stat: Stats, file: string, secret: boolean): string | undefined {
  if (!stat.isFile()) return 'it is not a file'
  if (stat.size > 1024 * 1024) return 'it is too long for a file with keys'
  if (!isTrusted(stat)) return `it belongs to another user (uid ${stat.uid})`
  if (secret && stat.mode & 0o077) return `others may read or change it: chmod 600 ${file}`
  if (stat.mode & 0o022) return `others may change it: chmod go-w ${file}`
  for (const folder of foldersOf(file)) {
    const around = statSync(folder)
    // In a sticky folder, such as /tmp, others cannot replace what is not theirs.
    if (around.mode & 0o022 && !(around.mode & 0o1000)) return `others may replace it: chmod go-w ${folder}`
    if (!isTrusted(around)) return `its folder ${folder} belongs to another user (uid ${around.uid})`
  }
  return undefined
}

/** As many links in a row as the system follows. */
const maxLinks = 40

/** Where somebody could put another file in its place: its folder, or for a link, each on the way and the last. */
function foldersOf(file: string): string[] {
  const folders = [dirname(file)]
  for (let path = file; folders.length <= maxLinks && lstatSync(path).isSymbolicLink(); ) {
    path = resolve(dirname(path), readlinkSync(path))
    folders.push(dirname(path))
  }
  return folders
}

function isTrusted({ uid }: Stats): boolean {
  return uid === 0 || uid === process.geteuid?.()
}

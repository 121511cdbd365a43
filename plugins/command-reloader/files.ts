import { access, constants, realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from './command.ts'
import { type Wanted, wantedOf } from './script.ts'

/** A file that a command runs. */
export interface CommandFile {
  /** As the command names it: links are not followed. */
  readonly path: string
  /** Changes when the file does, or when a link on the way to it leads elsewhere. `null`: it is not there. */
  readonly identity: string | null
  /** It may well never be there. */
  readonly isOptional: boolean
}

/** The files that a command runs, as they are now. */
export async function filesOf({ lines, path, folder }: Command): Promise<CommandFile[]> {
  const wanted = lines.flatMap((words) => wantedOf(words))
  return Promise.all(
    wanted.map(async (each) => {
      const file = await find(each, path, folder)
      const isOptional = each.kind === 'module' || isBuiltIn(each)
      return { path: file, identity: await identityOf(file), isOptional }
    }),
  )
}

/** Whether a shell does that itself: such a file may be there as well, but nobody waits for it. */
const isBuiltIn = ({ kind, name }: Wanted): boolean =>
  kind === 'program' && /^(cd|eval|exit|export|read|set|shift|source|trap|ulimit|umask|unset|wait|[.:])$/.test(name)

/** The first that is there, or where the first would be. */
async function find({ kind, name, endings }: Wanted, path: readonly string[], folder: string): Promise<string> {
  const isNamed = kind !== 'program' || name.includes('/')
  const places = isNamed ? endings.map((ending) => resolve(folder, `${name}${ending}`)) : inPath(name, path, folder)
  for (const place of places) {
    const found = await stat(place).catch(() => undefined)
    if (found?.isFile() && (kind !== 'program' || (await isExecutable(place)))) return place
  }
  return places[0] ?? resolve(folder, name)
}

const inPath = (name: string, path: readonly string[], folder: string) =>
  path.map((each) => resolve(folder, each, name))

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  )

async function identityOf(path: string): Promise<string | null> {
  try {
    const real = await realpath(path)
    const { dev, ino, size, mtimeMs } = await stat(real)
    return [real, dev, ino, size, mtimeMs].join('\n')
  } catch {
    return null
  }
}

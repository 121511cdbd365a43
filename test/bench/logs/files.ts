import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** `out.log.2`, `out.log.1`, `out.log`: those that exist. */
export function numbered(file: string): string[] {
  const found = [file]
  for (let number = 1; existsSync(`${file}.${number}`); number++) found.unshift(`${file}.${number}`)
  return found.filter(existsSync)
}

/** The folder of a logger of the daemontools family: `@…`, which sort by time, then `current`. */
export function timestamped(folder: string): string[] {
  const old = readdirSync(folder).filter((name) => name.startsWith('@'))
  return [...old.sort(), 'current'].map((name) => join(folder, name)).filter(existsSync)
}

import { oneOf, option } from './options.ts'

/** A missing one is told by its name. */
const needed = <T>(shape: object, read: (given: string) => T) => ({
  ...option(shape, undefined, read),
  read(given: string | undefined): T {
    if (given === undefined) throw new Error('it is missing')
    return read(given)
  },
})

const filename = needed({ type: 'string', description: 'the file to write to' }, (given) => {
  const path = given.trim()
  if (path === '') throw new Error('it must be the path of a file')
  if (path.includes('\0')) throw new Error('it must be a path without NUL bytes')
  if (path.endsWith('/')) throw new Error('it is a folder: add the name of a file')
  if (path === '~' || path.startsWith('~/')) throw new Error('~ is not replaced here: write the whole path')
  return path
})

const mode = option(
  { type: 'string', description: 'the mode of new files, in octal, whatever the umask' },
  undefined,
  (given) => {
    const [, digits] = /^(?:0o)?([0-7]{3,5})$/i.exec(given.trim()) ?? []
    const bits = Number.parseInt(digits ?? '', 8)
    if (bits <= 0o7777) return bits
    throw new Error('it must be an octal number like 640 or 0644')
  },
)

/** An empty one is one: then there is the process only. */
const timeFormat = option(
  { type: 'string', description: 'what of the time is put before each line, as for strftime; nothing when left out' },
  undefined,
  (given) => given,
)

/** Options that all streams to files have. */
export const fileOptions = { filename, time_format: timeFormat, mode }

/** What becomes of rotated files. */
export const compress = oneOf('whether rotated files are compressed, and how', ['gzip', 'none'], 'none')

/** An option that cannot be left out, one of a few words. */
export const neededWord = <W extends string>(description: string, words: readonly W[]) =>
  needed({ enum: words, description }, oneOf(description, words, undefined).read as (given: string) => W)

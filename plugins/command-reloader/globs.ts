import { relative, resolve, sep } from 'node:path'

/** What is never watched, unless a glob begins within it. */
const never = new Set(['node_modules', '.git', '.hg', '.svn'])

/** Globs with a folder in common, the deepest that does not depend on what they match. */
interface Base {
  readonly folder: string
  readonly matches: ((path: string) => boolean)[]
  /** How many folders deep below `folder` files may match. */
  depth: number
}

/** A list of globs as an option holds it: commas, blanks and line ends separate, but for commas within braces. */
export function splitGlobs(text: string): string[] {
  const globs: string[] = []
  let braces = 0
  let glob = ''
  for (const character of `${text} `) {
    if (character === '{') braces++
    if (character === '}') braces--
    if (/\s/.test(character) || (character === ',' && braces <= 0)) {
      if (glob !== '') globs.push(glob)
      glob = ''
    } else glob += character
  }
  return globs
}

/** Which files are watched, by globs that are meant from a folder. */
export class Globs {
  readonly #bases: readonly Base[]
  readonly #isIgnored: (path: string) => boolean

  private constructor(bases: readonly Base[], isIgnored: (path: string) => boolean) {
    this.#bases = bases
    this.#isIgnored = isIgnored
  }

  /** Throws when a glob cannot be read. */
  static async read(folder: string, watch: string, ignore: string): Promise<Globs> {
    const { default: picomatch } = await import('picomatch')
    const all = splitGlobs(watch)
    const ignored = [...splitGlobs(ignore), ...all.filter(isNegated).map((glob) => glob.slice(1))]
    const bases = new Map<string, Base>()
    for (const glob of all.filter((each) => !isNegated(each))) {
      const { base, glob: rest, isGlob } = picomatch.scan(glob)
      const top = resolve(folder, isGlob ? base : glob)
      const entry = bases.get(top) ?? { folder: top, matches: [], depth: 0 }
      bases.set(top, entry)
      if (isGlob) entry.matches.push(picomatch(rest))
      // A plain name is that file, or all that is in that folder.
      else entry.matches.push(() => true)
      const segments = rest.split('/').length - 1
      entry.depth = !isGlob || rest.includes('**') ? Number.POSITIVE_INFINITY : Math.max(entry.depth, segments)
    }
    const matches = ignored.flatMap((glob) => {
      const { base, glob: rest, isGlob } = picomatch.scan(glob.replace(/\/+$/, ''))
      const top = resolve(folder, isGlob ? base : glob)
      const hits = isGlob ? picomatch(rest, { dot: true }) : (path: string) => path === ''
      return (path: string) => [...prefixes(below(top, path))].some((part) => hits(part))
    })
    return new Globs([...bases.values()], (path) => matches.some((hit) => hit(path)))
  }

  /** The folders, or files, to watch. */
  get bases(): string[] {
    return this.#bases.map(({ folder }) => folder)
  }

  /** Whether this is a file to be watched. */
  picks(path: string): boolean {
    if (this.#isIgnored(path)) return false
    return this.#bases.some(({ folder, matches }) => {
      const inside = below(folder, path)
      return inside !== undefined && !isNever(inside) && matches.some((match) => match(inside))
    })
  }

  /** Whether there may be files to be watched in this folder. */
  enters(path: string): boolean {
    if (this.#isIgnored(path)) return false
    return this.#bases.some(({ folder, depth }) => {
      const inside = below(folder, path)
      return inside !== undefined && !isNever(inside) && depthOf(inside) <= depth
    })
  }
}

const isNegated = (glob: string): boolean => glob.startsWith('!')

/** The path from a folder; `undefined` when it is not in there. */
function below(folder: string, path: string): string | undefined {
  const inside = relative(folder, path)
  return inside === '..' || inside.startsWith(`..${sep}`) ? undefined : inside
}

/** A path and all the folders it is in. */
function* prefixes(path: string | undefined): Generator<string> {
  if (path === undefined) return
  yield ''
  const segments = path.split('/')
  for (let count = 1; count <= segments.length; count++) yield segments.slice(0, count).join('/')
}

const isNever = (path: string): boolean => path.split('/').some((segment) => never.has(segment))

const depthOf = (path: string): number => (path === '' ? 0 : path.split('/').length)

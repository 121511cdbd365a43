import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../version.ts'
import { UsageError } from '../command.ts'
import { commandLoaders } from '../commands/index.ts'
import { newPackageFiles } from './new-package-files.ts'

/** The kinds of plugins there are. Each has an example in `hooks-examples/plugins`, which a new one is made from. */
export type PluginKind = 'events' | 'hooks' | 'command' | 'stream'

export interface NewPlugin {
  /** `NAME`, `@scope/NAME`, or the name of the package: `circusd-plugin-NAME`, `@scope/circusd-plugin-NAME`. */
  readonly name: string
  readonly kind: PluginKind
  /** Where its folder is to be. */
  readonly into: string
  /** What `npm` is to install as `circusd`: a version, a folder or a tarball. @default this one's version, or later */
  readonly circusd?: string | undefined
}

/** What the examples are called, in all that is to have the name of the plugin. */
const example = { name: 'my-plugin', class: 'MyPlugin', package: 'circusd-plugin-my-plugin' }

/** Write the package of a new plugin. Returns its folder. Throws a `UsageError`, and has written nothing. */
export function newPlugin({ name: given, kind, into, circusd }: NewPlugin): string {
  const names = namesOf(given)
  refuseTaken(names.name, kind)
  const root = join(into, `circusd-plugin-${names.name}`)
  if (existsSync(root)) throw new UsageError(`${root} is there already, and stays as it is`)
  const template = fileURLToPath(new URL(`hooks-examples/plugins/${kind}/`, packageRoot()))
  const copied = readdirSync(template, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(template, file)).isFile())
    .map((file) => [file, rename(readFileSync(join(template, file), 'utf8'), names)] as const)
  const made = newPackageFiles(
    names.package,
    summaryIn(copied),
    circusd && existsSync(circusd) ? `file:${resolve(circusd)}` : circusd,
  )
  mkdirSync(into, { recursive: true })
  // Somebody else may have made it meanwhile: then this fails.
  mkdirSync(root)
  try {
    for (const [file, text] of [...copied, ...made]) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), text)
    }
  } catch (error) {
    rmSync(root, { recursive: true, force: true })
    throw error
  }
  return root
}

interface Names {
  /** Of the plugin. */
  readonly name: string
  readonly package: string
  /** What `use` says. */
  readonly use: string
}

function namesOf(given: string): Names {
  const { scope = '', name } =
    /^(?<scope>@[a-z0-9][\w.-]*\/)?(?:circusd-plugin-)?(?<name>.*)$/s.exec(given)?.groups ?? {}
  if (name === undefined || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || given.length > 200) {
    const rule = 'lower-case letters, digits and single hyphens between them, and a letter first'
    throw new UsageError(`'${given}' cannot be the name of a plugin: ${rule}, as in: circusctl plugins new web-hook`)
  }
  return { name, package: `${scope}circusd-plugin-${name}`, use: `${scope}${name}` }
}

function refuseTaken(name: string, kind: PluginKind): void {
  const builtIn = ['js', 'ts'].some((language) =>
    ['', 'dist/'].some((place) => existsSync(new URL(`${place}plugins/${name}/index.${language}`, packageRoot()))),
  )
  if (builtIn)
    throw new UsageError(`circusd has a plugin ${name} of its own, which use = ${name} would load: take another name`)
  if (kind === 'command' && Object.hasOwn(commandLoaders, name))
    throw new UsageError(
      `circusctl has a command ${name} of its own, which nothing takes the place of: take another name`,
    )
}

function rename(text: string, names: Names): string {
  const pascal = names.name.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return text
    .replaceAll(example.package, names.package)
    .replaceAll(`use = ${example.name}`, `use = ${names.use}`)
    .replaceAll(example.name, names.name)
    .replaceAll(example.class, pascal)
}

/** What the plugin says that it does. */
function summaryIn(files: readonly (readonly [file: string, text: string])[]): string {
  const source = files.find(([file]) => file === join('src', 'index.ts'))?.[1] ?? ''
  return /^ {2}summary: '(.*)',$/m.exec(source)?.[1] ?? ''
}

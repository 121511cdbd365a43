import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, dirname, resolve } from 'node:path'
import { groupByName, userById, userByName } from '../posix/users.ts'
import { commandLine } from './command-line.ts'
import { sitePackages, spawnEnvironment } from './environment.ts'
import { exposedEndpoints } from './exposed-endpoints.ts'
import type { Environment } from './source.ts'
import type { CircusOptions, Config, Diagnostic, Origin, WatcherConfig, WatcherOptions } from './types.ts'
import { workingFolder } from './working-folder.ts'

/**
 * What a configuration needs and this machine does not have: users, groups, programs, folders; and endpoints that others
 * can reach. None of it is an error of the configuration. Reads the disk and the user database.
 */
export function machineWarnings(config: Config, daemon: Environment = process.env): Diagnostic[] {
  const folder = config.file === null ? process.cwd() : dirname(config.file)
  const ofWatchers = config.watchers.flatMap((watcher) => [
    ...watcherWarnings(watcher, daemon),
    ...streamWarnings(watcher, folder),
  ])
  return [...circusWarnings(config, daemon), ...ofWatchers]
}

function circusWarnings({ circus, origins, file }: Config, daemon: Environment): Diagnostic[] {
  const at = (option: string, message: string) => diagnostic(origins[option] ?? whole(file), `[circus] ${message}`)
  const warnings = exposedEndpoints(circus, daemon).map(({ option, endpoint }) =>
    at(
      option,
      `${option} = ${endpoint}: anyone who can reach this address could run programs here; the daemon refuses to start ` +
        'with it. Use tcp://127.0.0.1:PORT or ipc://PATH, or auth = curve; or say allow_insecure = true',
    ),
  )
  if (circus.endpoint_owner !== null && !user(circus.endpoint_owner)) {
    warnings.push(at('endpoint_owner', `endpoint_owner = ${circus.endpoint_owner}: no such user here`))
  }
  for (const [option, path] of writtenFiles(circus)) {
    if (!isFolder(dirname(resolve(path)))) warnings.push(at(option, `${option} = ${path}: no such folder here`))
  }
  return warnings
}

function writtenFiles({ pidfile, logoutput }: CircusOptions): [option: string, path: string][] {
  const log =
    logoutput === null || logoutput === '-' || logoutput === 'stdout' || logoutput.includes('://') ? null : logoutput
  return Object.entries({ pidfile, logoutput: log }).filter((entry): entry is [string, string] => entry[1] !== null)
}

function watcherWarnings(watcher: WatcherConfig, daemon: Environment): Diagnostic[] {
  const { name, options, origins } = watcher
  const warnings: Diagnostic[] = []
  const warn = (option: string, value: unknown, why: string) =>
    warnings.push(diagnostic(origins[option] ?? whole(null), `[watcher:${name}] ${option} = ${value}: ${why}`))
  const { uid, gid, working_dir, virtualenv, virtualenv_py_ver } = options
  if (uid !== null && !user(uid)) warn('uid', uid, 'no such user here')
  if (typeof gid === 'string' && !groupByName(gid)) warn('gid', gid, 'no such group here')
  const folder = workingFolder(options, daemon)
  if (!isFolder(folder)) warn('working_dir', working_dir ?? folder, 'no such folder here')
  if (virtualenv !== null && !isFolder(sitePackages(virtualenv, virtualenv_py_ver))) {
    warn('virtualenv', virtualenv, `no folder ${sitePackages(virtualenv, virtualenv_py_ver)} here`)
  }
  const [option, program] = programOf(name, options, daemon)
  if (!isRunnable(program, folder, spawnEnvironment(options, daemon)['PATH'] ?? daemon['PATH'] ?? '')) {
    warn(option, program, 'no such program here')
  }
  return warnings
}

/** Files of output whose folder is neither there nor can be made. */
function streamWarnings({ name, options, origins }: WatcherConfig, folder: string): Diagnostic[] {
  return (['stdout_stream', 'stderr_stream'] as const).flatMap((stream) => {
    const filename = options[stream]['filename']?.trim()
    if (!filename) return []
    const option = `${stream}.filename`
    const above = dirname(dirname(resolve(folder, filename)))
    if (isFolder(above)) return []
    const message = `[watcher:${name}] ${option} = ${filename}: no such folder here: ${above}`
    return [diagnostic(origins[option] ?? whole(null), message)]
  })
}

function programOf(name: string, options: WatcherOptions, daemon: Environment): [option: string, program: string] {
  if (options.executable !== null) return ['executable', options.executable]
  try {
    const { argv } = commandLine(options, { name, wid: 1, sockets: {}, env: spawnEnvironment(options, daemon) })
    return ['cmd', argv[0] ?? '']
  } catch {
    // Something from this environment has a quote in it: the words cannot be told apart, nor the program found.
    return ['cmd', options.cmd]
  }
}

/** A name with a reference that is only known at spawn counts as runnable: nothing can be said about it. */
function isRunnable(program: string, folder: string, path: string): boolean {
  if (/\$\(circus\.|\(\(circus\./i.test(program)) return true
  const places = program.includes('/') ? [folder] : path.split(delimiter).map((place) => resolve(folder, place))
  return places.some((place) => isExecutable(resolve(place, program)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function user(account: string | number): object | null {
  return typeof account === 'number' ? userById(account) : (userByName(account) ?? null)
}

function whole(file: string | null): Origin {
  return { file: file ?? 'API', line: 0 }
}

function diagnostic({ file, line }: Origin, message: string): Diagnostic {
  return { message, file, line }
}

import { account, boolean, integer, type Kind, names, optional, seconds, signal, text, words } from './kind.ts'
import type { OptionRow } from './table.ts'
import type { SetEffect, WatcherOptions } from './types.ts'

/** The options of a watcher that are groups of names, and what no option claims. */
export type WatcherGroup = 'env' | 'rlimits' | 'stdout_stream' | 'stderr_stream' | 'hooks' | 'options'

/** The options of a watcher that are one value. */
export type PlainOptions = Omit<WatcherOptions, WatcherGroup>

export interface WatcherRow<T> extends OptionRow<T> {
  /** What changing it means for a running watcher. */
  readonly effect: SetEffect
}

/**
 * Every option of `[watcher:NAME]` that is one value: how it is read, its default, what a change of it does, and what it
 * is for. Reading files and requests, `set`, the listings and the hints all follow this table.
 */
const watcherTable: { readonly [K in keyof PlainOptions]: WatcherRow<PlainOptions[K]> } = {
  cmd: row(text, '', 'replace', 'the program to run, with arguments; split like a shell splits'),
  args: row(words, '', 'replace', 'more arguments; a list is not split'),
  shell: row(boolean, false, 'replace', 'run through /bin/sh -c'),
  shell_args: row(optional(words), null, 'replace', 'arguments of the shell itself, with `shell`'),
  executable: row(optional(text), null, 'replace', 'run this file in place of the first word of cmd'),
  numprocesses: row(integer(0), 1, 'resize', 'how many processes to keep alive'),
  singleton: row(boolean, false, 'none', 'at most one process'),
  working_dir: row(optional(text), null, 'replace', 'folder the processes start in; the one of the daemon by default'),
  uid: row(optional(account), null, 'replace', 'user to run as'),
  gid: row(optional(account), null, 'replace', 'group to run as; that of the user by default'),
  copy_env: row(boolean, false, 'replace', "start from the daemon's environment"),
  copy_path: row(boolean, false, 'replace', 'accepted for compatibility; needs copy_env'),
  virtualenv: row(optional(text), null, 'replace', 'Python environment to run in; needs copy_env'),
  virtualenv_py_ver: row(optional(text), '3.11', 'replace', 'version of that Python'),
  warmup_delay: row(seconds(), 0, 'none', 'seconds between two spawns'),
  max_retry: row(integer(-1), 5, 'none', 'attempts to spawn before giving up; -1 = for ever'),
  graceful_timeout: row(seconds(), 30, 'none', 'seconds between the stop signal and SIGKILL'),
  stop_signal: row(signal, 15, 'none', 'signal that asks a process to end'),
  stop_children: row(boolean, false, 'none', "the stop signal goes to the process's children too"),
  send_hup: row(boolean, false, 'none', 'reload by sending SIGHUP'),
  priority: row(integer(), 0, 'none', 'higher starts first and stops last'),
  autostart: row(boolean, true, 'none', 'start with the daemon'),
  respawn: row(boolean, true, 'none', 'replace processes that die'),
  max_age: row(seconds(), 0, 'none', 'seconds after which a process is replaced; 0 = never'),
  max_age_variance: row(seconds(), 30, 'none', 'up to so many seconds are added to max_age at random'),
  respawn_delay: row(seconds(), 0.1, 'none', 'first pause before a process that died at once is replaced; it doubles'),
  respawn_delay_max: row(seconds(), 30, 'none', 'longest such pause, in seconds'),
  use_sockets: row(boolean, false, 'replace', 'processes inherit the sockets'),
  sockets: row(names, [], 'replace', 'which of them; by default those the command names, or else all'),
  stdin_socket: row(optional(text), null, 'replace', 'socket that becomes standard input'),
  on_demand: row(boolean, false, 'none', 'start at the first connection'),
  close_child_stdin: row(boolean, true, 'replace', 'standard input is /dev/null'),
  close_child_stdout: row(boolean, false, 'replace', 'standard output is /dev/null'),
  close_child_stderr: row(boolean, false, 'replace', 'standard error is /dev/null'),
}

/** The table's rows by name. */
export const watcherRows: ReadonlyMap<string, WatcherRow<unknown>> = new Map(Object.entries(watcherTable))

/** The table, as JSON. */
export const describeOptionTable = (): Record<string, object> =>
  Object.fromEntries(
    [...watcherRows].map(([name, { kind, default: initial, effect, doc }]) => [
      name,
      { default: initial, effect, expected: kind.expected, doc },
    ]),
  )

function row<T>(kind: Kind<T>, initial: T, effect: SetEffect, doc: string): WatcherRow<T> {
  return { kind, default: initial, effect, doc }
}

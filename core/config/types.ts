/** Where a value was written: `line` counts from 1, 0 is the file as a whole; `file` is an absolute path, or a word like `API`. */
export interface Origin {
  readonly file: string
  readonly line: number
  /** The value as it was written, before substitution; absent where it was not text. */
  readonly text?: string
}

/** One remark about a configuration: an error or a warning. `line` 0 means the file as a whole. */
export interface Diagnostic {
  readonly message: string
  readonly file: string
  readonly line: number
}

/** What a hook names: `module:function` or `exec:COMMAND` as text; a function only through the library. */
export type HookTarget = string | ((...args: never[]) => unknown)

/** `[circus]`, names and units (seconds) as in the ini. Absent options hold their defaults. */
export interface CircusOptions {
  endpoint: string
  pubsub_endpoint: string
  stats_endpoint: string
  multicast_endpoint: string | null
  endpoint_owner: string | null
  /** Of the `ipc://` socket files. */
  endpoint_mode: number
  auth: 'none' | 'curve'
  /** `null`: `server.key` in the default folder. A relative one is looked up from the file's folder. */
  server_key: string | null
  /** `null`: `clients` in the default folder. A relative one is looked up from the file's folder. */
  client_keys: string | null
  allow_insecure: boolean
  check_delay: number
  warmup_delay: number
  statsd: boolean
  statsd_close_outputs: boolean
  httpd: boolean
  httpd_host: string
  httpd_port: number
  /** `[socket:NAME]` in place of an address. */
  httpd_socket: string | null
  httpd_url_prefix: string
  /** `null`: `users` with `httpd_users`, else `token`. */
  httpd_auth: 'token' | 'users' | 'none' | null
  httpd_users: string | null
  httpd_allowed_hosts: string
  httpd_close_outputs: boolean
  debug: boolean
  debug_gc: boolean
  pidfile: string | null
  umask: number | null
  loglevel: LogLevel | null
  logoutput: string | null
  proc_name: string
}

export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'critical'

/** Options of one watcher, resolved: names and units (seconds) as in the ini. CONFIG.md tells what each means. */
export interface WatcherOptions {
  cmd: string
  /** A list only through the API; then its elements are not split. */
  args: string | readonly string[]
  shell: boolean
  shell_args: string | readonly string[] | null
  executable: string | null
  numprocesses: number
  singleton: boolean
  working_dir: string | null
  uid: string | number | null
  gid: string | number | null
  copy_env: boolean
  copy_path: boolean
  /** `[env]` and `[env:…]` merged for this watcher. `$NAME` is still in it: it is expanded when a process starts. */
  env: Readonly<Record<string, string>>
  virtualenv: string | null
  virtualenv_py_ver: string | null
  /** Lower-case names without the prefix: `{ nofile: 500, core: 'unlimited' }`. */
  rlimits: Readonly<Record<string, number | 'unlimited'>>
  warmup_delay: number
  max_retry: number
  graceful_timeout: number
  stop_signal: number
  stop_children: boolean
  send_hup: boolean
  priority: number
  autostart: boolean
  respawn: boolean
  max_age: number
  max_age_variance: number
  /** First pause, in seconds, before a process that lived less than a second is replaced. It doubles each time. */
  respawn_delay: number
  /** The longest such pause, in seconds. */
  respawn_delay_max: number
  use_sockets: boolean
  /** Lower-case names; empty: those that the command names, or all when it names none. */
  sockets: readonly string[]
  stdin_socket: string | null
  on_demand: boolean
  close_child_stdin: boolean
  close_child_stdout: boolean
  close_child_stderr: boolean
  stdout_stream: Readonly<Record<string, string>>
  stderr_stream: Readonly<Record<string, string>>
  /** `{ before_start: [target, ignoreFailure] }` */
  hooks: Readonly<Record<string, readonly [target: HookTarget, ignoreFailure: boolean]>>
  /** Whatever the kernel does not know, as text, under its whole name (`flapping.window`): plugins read it. */
  options: Readonly<Record<string, string>>
}

export interface WatcherConfig {
  /** As written in the section's name. Watchers are told apart by its lower-case form. */
  readonly name: string
  readonly options: WatcherOptions
  /** Where each option was set, by its name in the ini (`cmd`, `rlimit_nofile`, `env.PATH`); unset ones are absent. */
  readonly origins: Readonly<Record<string, Origin>>
}

/** Options of one socket, resolved. `core/config/socket-table.ts` tells what each means. */
export interface SocketOptions {
  host: string
  port: number
  family: 'AF_INET' | 'AF_INET6' | 'AF_UNIX'
  type: 'SOCK_STREAM' | 'SOCK_DGRAM' | 'SOCK_SEQPACKET' | 'SOCK_RAW' | 'SOCK_RDM'
  proto: string | number | null
  path: string | null
  umask: number | null
  replace: boolean
  backlog: number
  so_reuseport: boolean
  interface: string | null
  blocking: boolean
  /** A socket handed down to the daemon: its number, or its name in LISTEN_FDNAMES. */
  fd: string | number | null
}

/** One `[socket:NAME]`, resolved; the name is in lower case. Absent options hold their defaults. */
export interface SocketConfig {
  readonly name: string
  /** Where its section begins. */
  readonly origin: Origin
  readonly options: Readonly<SocketOptions>
  readonly origins: Readonly<Record<string, Origin>>
}

/** One `[plugin:NAME]` that is not switched off. */
export interface PluginConfig {
  readonly name: string
  /** What to load: NAME itself without a `use`. */
  readonly use: string
  readonly isolate: boolean
  readonly priority: number
  /** The plugin's own options, as text from an ini or as given through the API. */
  readonly options: Readonly<Record<string, unknown>>
  readonly origin: Origin
  /** Nobody wrote its section: another option takes it, `httpd` say. */
  readonly implied?: true
}

/** A whole configuration, resolved. */
export interface Config {
  /** Absolute path of the file it was read from; `null` when given through the API. */
  readonly file: string | null
  readonly circus: CircusOptions
  /** Where each `[circus]` option was set; unset ones are absent. */
  readonly origins: Readonly<Record<string, Origin>>
  readonly watchers: readonly WatcherConfig[]
  readonly sockets: readonly SocketConfig[]
  readonly plugins: readonly PluginConfig[]
  readonly warnings: readonly Diagnostic[]
}

/** What changing an option means for a running watcher. */
export type SetEffect =
  /** In force at once, or when it is next looked at. */
  | 'none'
  /** The number of processes is adjusted. */
  | 'resize'
  /** Processes are replaced one by one. */
  | 'replace'

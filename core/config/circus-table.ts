import { boolean, endpoint, integer, multicast, octal, oneOf, optional, seconds, text } from './kind.ts'
import type { OptionTable } from './table.ts'
import type { CircusOptions } from './types.ts'

/** Every option of `[circus]` that the configuration keeps: how it is read, its default, and what it is for. */
export const circusTable: OptionTable<CircusOptions> = {
  endpoint: { kind: endpoint, default: 'tcp://127.0.0.1:5555', doc: 'control channel' },
  pubsub_endpoint: { kind: endpoint, default: 'tcp://127.0.0.1:5556', doc: 'event channel' },
  stats_endpoint: {
    kind: endpoint,
    default: 'tcp://127.0.0.1:5557',
    doc: 'stats channel; setting it turns statsd on',
  },
  multicast_endpoint: { kind: optional(multicast), default: null, doc: 'discovery; none by default' },
  endpoint_owner: {
    kind: optional(text),
    default: null,
    doc: 'user the ipc:// socket files are given to, and as whom alone `add` may run programs',
  },
  endpoint_mode: { kind: octal, default: 0o600, doc: 'file mode of the ipc:// socket files' },
  auth: { kind: oneOf('none', 'curve'), default: 'none', doc: 'curve: every channel is encrypted and wants a key' },
  server_key: { kind: optional(text), default: null, doc: "file with the daemon's key, for auth = curve" },
  client_keys: { kind: optional(text), default: null, doc: 'file that lists who may connect, with a role each' },
  allow_insecure: { kind: boolean, default: false, doc: 'listen on addresses others can reach, without keys' },
  check_delay: { kind: seconds(Number.MIN_SAFE_INTEGER), default: 5, doc: 'seconds between two checks; below 0: none' },
  warmup_delay: { kind: seconds(), default: 0, doc: "seconds between two watchers' starts" },
  statsd: { kind: boolean, default: false, doc: 'load the stats plugin' },
  statsd_close_outputs: {
    kind: boolean,
    default: false,
    doc: 'its output goes to /dev/null, when a process of its own',
  },
  httpd: { kind: boolean, default: false, doc: 'load the httpd plugin, and stats without its channel' },
  httpd_host: { kind: text, default: 'localhost', doc: 'address of the web console' },
  httpd_port: { kind: integer(0, 65535), default: 8080, doc: 'port of the web console' },
  httpd_socket: { kind: optional(text), default: null, doc: 'NAME of the [socket:NAME] it is at, instead' },
  httpd_url_prefix: { kind: text, default: '', doc: 'path it is below, behind a reverse proxy' },
  httpd_auth: {
    kind: optional(oneOf('token', 'users', 'none')),
    default: null,
    doc: 'how one logs in: by the link in the log, by name and password, or not at all',
  },
  httpd_users: { kind: optional(text), default: null, doc: 'file with the users of the web console' },
  httpd_allowed_hosts: { kind: text, default: '', doc: 'names it is reached by, beside localhost and addresses' },
  httpd_close_outputs: {
    kind: boolean,
    default: false,
    doc: 'its output goes to /dev/null, when a process of its own',
  },
  debug: { kind: boolean, default: false, doc: "more log; plugins' output goes to the daemon's" },
  debug_gc: { kind: boolean, default: false, doc: 'log garbage collections' },
  pidfile: { kind: optional(text), default: null, doc: 'file that holds the process id while the daemon runs' },
  umask: { kind: optional(octal), default: null, doc: 'file mode mask of the daemon and what it spawns' },
  loglevel: {
    kind: optional(oneOf('debug', 'info', 'warning', 'error', 'critical')),
    default: null,
    doc: 'what is worth logging; info by default',
    lenient: true,
  },
  logoutput: { kind: optional(text), default: null, doc: '-, a file, or syslog://HOST:PORT?FACILITY' },
  proc_name: { kind: text, default: 'circusd', doc: "the daemon's process title" },
}

/** Options of `[circus]` that are read before the others, file by file. */
export const includeOptions: readonly string[] = ['include', 'include_dir']

/** What to say about options of the original that mean nothing here. */
export const circusAdvice: ReadonlyMap<string, string> = new Map([
  ['loggerconfig', 'it has no effect; use loglevel and logoutput'],
  ['fqdn_prefix', 'it has no effect'],
  ['papa_endpoint', 'papa is not supported; it has no effect'],
  ['stream_backend', 'it has no effect; output never needs a backend here'],
  ['httpd_backend', 'it has no effect'],
])

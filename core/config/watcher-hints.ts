import { circusTable } from './circus-table.ts'
import { nearestName } from './nearest.ts'
import { watcherGroups } from './watcher-groups.ts'
import { watcherRows } from './watcher-table.ts'

/** What other process managers, and hands that are used to them, call our options. */
const synonyms = new Map([
  ...many('cmd', ['command', 'program', 'script', 'exec', 'exec_start', 'run']),
  ...many('args', ['arguments', 'argv', 'command_args']),
  ...many('numprocesses', ['numprocs', 'instances', 'processes', 'workers', 'num_processes', 'concurrency']),
  ...many('working_dir', ['directory', 'cwd', 'chdir', 'dir', 'workdir', 'working_directory']),
  ...many('uid', ['user', 'username', 'run_as']),
  ...many('gid', ['group', 'groupname']),
  ...many('executable', ['interpreter', 'exec_interpreter']),
  ...many('respawn', ['autorestart', 'restart', 'auto_restart']),
  ...many('respawn_delay', ['restart_delay', 'exp_backoff_restart_delay', 'restart_sec']),
  ...many('max_retry', ['startretries', 'max_restarts', 'retries', 'retry']),
  ...many('stop_signal', ['stopsignal', 'kill_signal', 'killsignal', 'signal']),
  ...many('graceful_timeout', ['stopwaitsecs', 'kill_timeout', 'stop_timeout', 'timeout', 'shutdown_timeout']),
  ...many('stop_children', ['stopasgroup', 'killasgroup', 'tree_kill', 'treekill']),
  ...many('virtualenv', ['virtual_env', 'venv']),
  ...many('rlimit_nofile', ['nofile', 'minfds', 'max_files', 'limit_nofile']),
  ...many('rlimit_nproc', ['nproc', 'minprocs']),
  ...many('stdout_stream.filename', ['stdout_logfile', 'out_file', 'stdout', 'stdout_file', 'log_file', 'logfile']),
  ...many('stderr_stream.filename', ['stderr_logfile', 'error_file', 'stderr', 'stderr_file']),
  ...many('stdout_stream.max_bytes', ['stdout_logfile_maxbytes']),
  ...many('stderr_stream.max_bytes', ['stderr_logfile_maxbytes']),
  ...many('stdout_stream.backup_count', ['stdout_logfile_backups']),
  ...many('stderr_stream.backup_count', ['stderr_logfile_backups']),
  ...many('stdout_stream.time_format', ['log_date_format']),
  ...many('flapping.retry_in', ['retry_in']),
  ...many('flapping.window', ['flapping_window']),
  ...many('flapping.attempts', ['flapping_attempts', 'times']),
])

const withoutMeaning = new Map([
  ['check_flapping', 'the flapping plugin is switched per watcher with flapping.active'],
  ['use_papa', 'papa is not supported; it has no effect'],
  ['stream_backend', 'it has no effect; output never needs a backend here'],
  ['redirect_stderr', 'name one file in stdout_stream.filename and in stderr_stream.filename: no line tears another'],
  ['merge_logs', 'all processes of a watcher write to one file, and no line tears another'],
  ['combine_logs', 'all processes of a watcher write to one file, and no line tears another'],
  ['log_type', 'write stdout_stream.class = JsonStream'],
  ['stdout_syslog', 'write stdout_stream.class = SyslogStream'],
  ['stderr_syslog', 'write stderr_stream.class = SyslogStream'],
  ['prereload_fn', 'it has no effect; use hooks.before_spawn or hooks.before_signal'],
  ['name', "the watcher's name is the one in the section's brackets"],
  ['environment', 'write it in an [env:NAME] section'],
  ['environ', 'write it in an [env:NAME] section'],
  ['envs', 'write it in an [env:NAME] section'],
  ['max_memory_restart', 'the plugin resource_watcher restarts by memory: [plugin:memory] use = resource_watcher'],
])

const prefixes = [...watcherGroups.map(({ prefix }) => prefix), 'flapping.'].filter((prefix) => prefix.endsWith('.'))

/** What somebody who wrote an unknown watcher option probably meant: a known name, or what to do instead. */
export function watcherHint(name: string): { readonly nearest?: string; readonly advice?: string } {
  const folded = name.toLowerCase().replaceAll('-', '_')
  const advice = withoutMeaning.get(folded)
  if (advice) return { advice }
  const dot = name.indexOf('.')
  if (dot > 0) {
    const prefix = nearestName(name.slice(0, dot + 1), prefixes)
    return prefix && prefix !== name.slice(0, dot + 1) ? { nearest: prefix + name.slice(dot + 1) } : {}
  }
  const nearest = synonyms.get(folded) ?? (watcherRows.has(folded) ? folded : undefined)
  if (nearest) return { nearest }
  if (Object.hasOwn(circusTable, folded)) return { advice: `${folded} belongs in [circus]` }
  if (/^[A-Z][A-Z0-9_]+$/.test(name)) return { advice: 'environment variables belong in an [env:NAME] section' }
  const limit = folded.startsWith('rlimit') ? nearestName(folded, ['rlimit_nofile', 'rlimit_nproc']) : undefined
  return { nearest: limit ?? nearestName(name, watcherRows.keys()) }
}

function many(name: string, words: readonly string[]): (readonly [string, string])[] {
  return words.map((word) => [word, name])
}

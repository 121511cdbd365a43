import { usage } from './options.ts'

/** What `circusd --help` prints. */
export const help = `${usage}
Runs the watchers of FILE, a circus.ini, and keeps them alive. Without FILE the usual places are searched: circus.ini,
.circusrc*, circus.config.* or a circus key in package.json, from the working directory upwards, then
/etc/circus/circus.ini.

  --check              print the configuration as it was understood, or everything that is wrong with it; start nothing
  --json               with --check: as JSON
  --daemon             run in the background; returns once the watchers are started and the endpoints bound
  --pidfile PATH       write the daemon's pid there; refused while a live process holds it
  --log-level LEVEL    debug, info, warning, error or critical
  --log-output WHERE   '-' (the terminal), a file, or syslog://HOST:PORT?FACILITY, syslog:///PATH?FACILITY
  --version, --help

Signals: TERM, INT and QUIT stop everything gracefully, a second one at once; HUP reloads every watcher gracefully and
reopens the log and all files of output.

Exit codes: 0 done, or stopped when asked; 1 the configuration is wrong or the start failed; 2 wrong usage; 3 stopped at
once by a second signal.
`

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Manager, missingPrograms } from './manager.ts'

/** Supervisor, as Debian packages it, with its defaults but for `minfds`: 500 processes have 1,500 pipes. */
export const supervisor: Manager = {
  name: 'supervisor',

  prepare: () => missingPrograms('supervisor', ['supervisord', 'supervisorctl']),

  configure({ dir, count, seconds }) {
    const config = join(dir, 'supervisord.conf')
    writeFileSync(
      config,
      `[unix_http_server]
file = ${dir}/supervisor.sock

[supervisord]
nodaemon = true
logfile = ${dir}/supervisord.log
pidfile = ${dir}/supervisord.pid
childlogdir = ${dir}
minfds = ${1024 + 4 * count}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://${dir}/supervisor.sock

[program:sleep]
command = sleep ${seconds}
process_name = %(program_name)s-%(process_num)d
numprocs = ${count}
`,
    )
    return {
      start: { argv: ['supervisord', '--configuration', config] },
      status: { argv: ['supervisorctl', '--configuration', config, 'status'] },
      stop: 'SIGTERM',
    }
  },
}

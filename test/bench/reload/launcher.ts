import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listenAnywhere } from './listening.ts'

// Servers without a manager: one listening socket, and processes that have it as descriptor 3.
//   node launcher.ts COUNT
// runs `release.js` of the working directory, and writes the port into the file `port` there. SIGTERM ends them all.

const { fd, port } = listenAnywhere(2048)
const servers = Array.from({ length: Number(process.argv[2]) }, () =>
  spawn(process.execPath, [join(process.cwd(), 'release.js'), '--fd', '3'], {
    stdio: ['ignore', 'inherit', 'inherit', fd],
    // A session each, as circusd gives them: the kernel shares out the processors by session (sched(7), autogroup).
    detached: true,
  }),
)
process.on('SIGTERM', () => {
  for (const server of servers) server.kill()
})
writeFileSync('port', String(port))

import { inheritNothing, typeOf } from '../posix/socket.ts'

/** The first descriptor that is handed down: sd_listen_fds(3). */
const FIRST = 3

/**
 * The descriptor of a socket that this daemon was started with: by its number, or by its name in LISTEN_FDNAMES.
 * From now on no process gets it by itself. Throws an `Error` that says why there is none.
 */
export function handedDown(fd: string | number, environment: NodeJS.ProcessEnv = process.env): number {
  const number = typeof fd === 'number' ? fd : numberOf(fd, environment)
  try {
    typeOf(number)
  } catch (error) {
    throw new Error(`descriptor ${number} is not a socket that this daemon was started with`, { cause: error })
  }
  inheritNothing(number)
  return number
}

function numberOf(name: string, { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES }: NodeJS.ProcessEnv): number {
  if (LISTEN_FDS === undefined) throw new Error('the daemon was started without sockets (no LISTEN_FDS)')
  if (LISTEN_PID !== undefined && Number(LISTEN_PID) !== process.pid) {
    throw new Error(`LISTEN_FDS is meant for process ${LISTEN_PID}, this one is ${process.pid}`)
  }
  const names = (LISTEN_FDNAMES ?? '').split(':').slice(0, Number(LISTEN_FDS))
  const at = names.indexOf(name)
  if (at < 0)
    throw new Error(`none of the sockets it was started with is called ${name}: ${names.join(', ') || 'no names'}`)
  return FIRST + at
}

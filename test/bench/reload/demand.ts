import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { closeSocket } from '../../../core/posix/socket.ts'
import { launch } from '../../../core/posix/spawn.ts'
import { createGround } from '../cleanup.ts'
import { missingPrograms } from '../managers/manager.ts'
import { median } from '../statistics.ts'
import { Daemon } from './daemon.ts'
import { listenAnywhere } from './listening.ts'
import { until } from './workers.ts'

/** Milliseconds to the first byte of a program that runs only when somebody connects; each the median of many. */
export interface DemandFigures {
  readonly program: string
  /** From the connection, with the daemon in between. */
  readonly onDemandMs: number
  /** From the start of the program, a connection waiting, without a daemon. */
  readonly aloneMs: number
}

const runs = 30

/** Start programs by connecting to them. */
export async function measureDemand(): Promise<DemandFigures[]> {
  using ground = createGround()
  const { dir } = ground
  const programs = [{ name: 'node', argv: [process.execPath, join(import.meta.dirname, 'once.js')] }]
  const missing = missingPrograms('gcc libc6-dev', ['cc'])
  if (missing === undefined) programs.push({ name: 'c', argv: [compiled(dir)] })
  else console.log(`the program in C is left out: ${missing}`)

  const sections = programs.map(({ name, argv }) => section(name, argv.join(' ')))
  await using daemon = await Daemon.start(ground, sections.join(''))
  const waiting = (name: string) =>
    until(
      async () => (await daemon.status(name)).reason?.startsWith('waits for') ?? false,
      `watchers that wait: ${name}`,
    )
  const figures: DemandFigures[] = []
  for (const { name, argv } of programs) {
    const port = await daemon.port(name)
    const onDemand: number[] = []
    const alone: number[] = []
    for (let run = 0; run < runs; run++) {
      await waiting(name)
      onDemand.push(await firstByte(port))
      alone.push(await startAlone(argv))
    }
    figures.push({ program: name, onDemandMs: median(onDemand)!, aloneMs: median(alone)! })
  }
  return figures
}

function compiled(dir: string): string {
  const program = join(dir, 'once')
  execFileSync('cc', ['-O2', '-Wall', '-o', program, join(import.meta.dirname, 'once.c')], { stdio: 'inherit' })
  return program
}

// It ends at once: the daemon shall not wait before it does that again.
const section = (name: string, command: string) => `
[socket:${name}]
host = 127.0.0.1
port = 0
[watcher:${name}]
cmd = ${command}
use_sockets = true
sockets = ${name}
on_demand = true
respawn_delay = 0
`

async function firstByte(port: number): Promise<number> {
  const begin = performance.now()
  const connection = connect(port, '127.0.0.1')
  await once(connection, 'data')
  const elapsedMs = performance.now() - begin
  connection.destroy()
  return elapsedMs
}

// As the daemon spawns, and without its environment either: a long one costs time too.
async function startAlone(argv: readonly string[]): Promise<number> {
  const { fd, port } = listenAnywhere(1)
  const connection = connect(port, '127.0.0.1')
  await once(connection, 'connect')
  const { promise: ended, resolve } = Promise.withResolvers<unknown>()
  const begin = performance.now()
  launch({ path: argv[0]!, argv, env: {}, cwd: '/', fds: [0, 1, 2, fd] }, resolve)
  closeSocket(fd)
  await once(connection, 'data')
  const elapsedMs = performance.now() - begin
  connection.destroy()
  await ended
  return elapsedMs
}

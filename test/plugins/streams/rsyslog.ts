import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { Program } from '../../e2e/support/program.ts'
import { type TemporaryFolder, temporaryFolder, untilTrue } from '../../harness/index.ts'

/** One message as the server understood it. */
export interface Received {
  readonly facility: string
  readonly severity: string
  readonly time: string
  readonly host: string
  readonly app: string
  readonly pid: string
  readonly kind: string
  readonly text: string
}

const template =
  '%syslogfacility-text%|%syslogseverity-text%|%timestamp:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%msg%\\n'

/** A real syslog server, with its sockets and its file in a folder. Its end removes all of that. */
export class Rsyslog implements AsyncDisposable {
  readonly folder: TemporaryFolder
  readonly unixPath: string
  readonly udpPort: number
  /** Known once it runs. */
  tcpPort = 0
  #program: Program | undefined

  private constructor(folder: TemporaryFolder, udpPort: number) {
    this.folder = folder
    this.unixPath = folder.path('log')
    this.udpPort = udpPort
  }

  static async start(): Promise<Rsyslog> {
    const server = new Rsyslog(temporaryFolder(), await freeUdpPort())
    try {
      await server.run()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  /** Run it; again after `stop`, where it was. */
  async run(): Promise<void> {
    const { folder, tcpPort } = this
    folder.write(
      'rsyslog.conf',
      `module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imtcp")
input(type="imuxsock" Socket="${this.unixPath}" UseSpecialParser="off" ParseHostname="on" RateLimit.Interval="0")
input(type="imudp" Address="127.0.0.1" Port="${this.udpPort}")
input(type="imtcp" Address="127.0.0.1" Port="${tcpPort}" ListenPortFileName="${folder.path('port')}")
template(name="fields" type="string" string="${template}")
action(type="omfile" File="${folder.path('received')}" Template="fields")
`,
    )
    const args = ['-n', '-f', folder.path('rsyslog.conf'), '-i', folder.path('pid')]
    this.#program = new Program('/usr/sbin/rsyslogd', args)
    await untilTrue(
      () => existsSync(folder.path('port')) && existsSync(this.unixPath) && existsSync(folder.path('pid')),
    )
    this.tcpPort = Number(readFileSync(folder.path('port'), 'utf8'))
  }

  /** End it, and what it keeps in memory. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#program?.kill(signal)
    await this.#program?.end()
  }

  /** What it has received so far. */
  get all(): Received[] {
    if (!existsSync(this.folder.path('received'))) return []
    const lines = readFileSync(this.folder.path('received'), 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => {
      const [facility, severity, time, host, app, pid, kind, ...text] = line.split('|') as [
        ...[string, string, string, string, string, string, string],
        ...string[],
      ]
      return { facility, severity, time, host, app, pid, kind, text: text.join('|') }
    })
  }

  /** Wait until it has received so many messages of a program. */
  async received(app: string, count = 1): Promise<Received[]> {
    const of = () => this.all.filter((message) => message.app === app)
    await untilTrue(() => of().length >= count, `${count} messages of ${app}`)
    return of()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]()
    this.folder[Symbol.dispose]()
  }
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

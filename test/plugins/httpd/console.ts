import { type RunningArbiter, type StartOptions, startArbiter, untilTrue } from '../../harness/index.ts'
import { type Way, ways } from '../ways.ts'
import { Visitor } from './visitor.ts'

export { type Way, ways }

/** A daemon with its console. */
export interface RunningConsole extends RunningArbiter {
  /** As the log has it, of the last console that was started. */
  readonly link: string
  /** Somebody new. */
  visitor(): Visitor
  /** Somebody who has come by the link. */
  admin(): Promise<Visitor>
}

/** Start one. `circus` is more of `[circus]`, `FOLDER` in both is the folder of the file. */
export async function startConsole(
  ini = '',
  circus = '',
  { way = 'in the daemon', ...options }: StartOptions & { readonly way?: Way } = {},
): Promise<RunningConsole> {
  await using started = new AsyncDisposableStack()
  const section = way === 'in the daemon' ? '' : '[plugin:httpd]\nisolate = true\n'
  const port = /httpd_port/.test(circus) ? '' : 'httpd_port = 0\n'
  const head = `[circus]\nhttpd = True\n${port}${circus}\n`
  const running = started.use(await startArbiter(`${head}${section}${ini}\n`, options))
  const link = () =>
    running.log
      .matching(/the web console is at/)
      .at(-1)
      ?.replace(/^.* is at /, '') ?? ''
  await untilTrue(() => link() !== '', 'the console').catch((error) => {
    throw new Error(running.log.all.join('\n'), { cause: error })
  })
  const kept = started.move()
  const visitor = () => new Visitor(link())
  return {
    ...running,
    get link() {
      return link()
    },
    visitor,
    async admin() {
      const admin = visitor()
      await admin.logIn()
      return admin
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

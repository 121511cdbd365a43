import { isolatedLog } from '../../testing/isolated-log.ts'
import { type RunningArbiter, startArbiter, untilTrue } from '../harness/index.ts'

/** The two ways to run a plugin: the same tests run over both. */
export const ways = ['in the daemon', 'in a process of its own'] as const

export type Way = (typeof ways)[number]

/**
 * Start an arbiter with one plugin, which is at work when this resolves. `section` is the text of its section, `use` and
 * all; `ini` the rest of the file. `FOLDER` in both is the folder of the file. What the plugin logs is in `log` both ways.
 */
export async function startPlugin(
  way: Way,
  name: string,
  section: string,
  ini = '',
  files?: Readonly<Record<string, string>>,
): Promise<RunningArbiter> {
  await using started = new AsyncDisposableStack()
  const isolate = way === 'in a process of its own'
  const text = `[plugin:${name}]\nisolate = ${isolate}\n${section}\n${ini}\n`.replaceAll(/^ +/gm, '')
  const running = started.use(await startArbiter(text, { ...(files && { files }), prepare: isolatedLog }))
  try {
    await untilTrue(() => running.arbiter.plugins.isRunning(name), `plugin ${name} at work`)
  } catch (error) {
    throw new Error(running.log.all.join('\n'), { cause: error })
  }
  started.move()
  return running
}

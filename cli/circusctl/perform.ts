import { setTimeout as sleep } from 'node:timers/promises'
import { CircusClient, ReplyError } from '../../core/client.ts'
import {
  type ControlCommand,
  defaultEndpoint,
  defaultTimeout,
  type Reply,
  type Session,
  UsageError,
} from './command.ts'
import type { Line } from './read-line.ts'

/** Exit codes of `circusctl`; oclif gives 2 for wrong usage as well. */
const exit = { done: 0, unreachable: 1, usage: 2, refused: 3 } as const

/** Carry out one command against the daemon and print what it answers. Resolves to the exit code. */
export async function perform(command: ControlCommand, { flags, positionals }: Line): Promise<number> {
  const endpoint = String(flags.endpoint ?? process.env.CIRCUSCTL_ENDPOINT ?? defaultEndpoint)
  const timeoutMs = Number(flags.timeout ?? defaultTimeout) * 1_000
  const json = flags.json === true
  const print = (text: string) => void process.stdout.write(`${text}\n`)
  try {
    const properties = command.properties?.(positionals, flags) ?? {}
    await using client = new CircusClient({ endpoint, timeoutMs })
    const call: Session['call'] = (name, values = {}) =>
      values.waiting === true && flags.timeout === undefined
        ? callWithoutLimit(client, name, values)
        : client.call<Reply>(name, values)
    if (command.run) await command.run({ endpoint, timeoutMs, json, call, print }, positionals)
    else {
      const reply = await call(command.name, properties)
      if (json) print(JSON.stringify(reply))
      else print(command.print?.(reply) ?? 'ok')
    }
    return exit.done
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`circusctl ${command.name}: ${error.message}\n`)
      return exit.usage
    }
    if (error instanceof ReplyError) {
      if (json) print(JSON.stringify(error.reply))
      else process.stderr.write(`error: ${error.reason}\n`)
      return exit.refused
    }
    const { code, message } = error as Error & { code?: string }
    if (json) print(JSON.stringify({ status: 'error', reason: message, code }))
    else process.stderr.write(`circusctl: ${message}${hint(code)}\n`)
    return exit.unreachable
  }
}

/** Work that is waited for takes as long as it takes; only a daemon that no longer answers ends the wait. */
async function callWithoutLimit(client: CircusClient, name: string, properties: object): Promise<Reply> {
  const lost = new AbortController()
  const done = new AbortController()
  const watch = async () => {
    while (!done.signal.aborted) {
      await client.call('numwatchers', {}, { signal: done.signal })
      await sleep(defaultTimeout * 1_000, undefined, { signal: done.signal })
    }
  }
  let failure: unknown
  const watching = watch().catch((error: unknown) => {
    if (done.signal.aborted || error instanceof ReplyError) return
    failure = error
    lost.abort()
  })
  const limitMs = 2 ** 31 - 1 // the longest a timer takes: 24 days
  try {
    return await client.call<Reply>(name, { ...properties }, { timeoutMs: limitMs, signal: lost.signal })
  } catch (error) {
    throw failure ?? error
  } finally {
    done.abort()
    await watching
  }
}

function hint(code: string | undefined): string {
  if (code === 'ERR_CALL_TIMEOUT') return '\nSay --endpoint (or CIRCUSCTL_ENDPOINT), or give it longer with --timeout.'
  return code === 'ERR_UNREACHABLE' ? '\nIs it running? Say where with --endpoint (or CIRCUSCTL_ENDPOINT).' : ''
}

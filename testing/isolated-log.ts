import { StringDecoder } from 'node:string_decoder'
import type { Arbiter } from '../core/index.ts'
import type { LogRecorder } from './log.ts'

/** A record as the process of an isolated plugin writes it. */
const record = /^\S+ \S+ circus-plugin\[\d+\] \[(?<level>\w+)\] (?<message>.*)$/

/** What isolated plugins log, and write, goes to the log of the daemon as well, in the words it would have from inside. */
export function isolatedLog({ hooks }: Arbiter, log: LogRecorder): void {
  const begun = new Map<string, { readonly decoder: StringDecoder; line: string }>()
  hooks.output.tap('isolated log', ({ watcher, process: { pid }, stream, data }) => {
    if (!watcher.name.startsWith('plugin:')) return
    const key = `${pid} ${stream}`
    const state = begun.get(key) ?? { decoder: new StringDecoder(), line: '' }
    begun.set(key, state)
    const lines = (state.line + state.decoder.write(data)).split('\n')
    state.line = lines.pop() as string
    for (const line of lines) log.add(asInside(line, watcher.name.slice('plugin:'.length)))
  })
}

function asInside(line: string, plugin: string): string {
  const { level, message } = record.exec(line)?.groups ?? {}
  return level === undefined ? `info plugins: ${plugin}: ${line}` : `${level.toLowerCase()} plugins: ${message}`
}

import type { Message } from './message.ts'

/** Makes the text of a message. `escape` is done to each value, but not to what the template says itself. */
export type Template = (message: Message, style: TextStyle) => string

/** How values stand in a text. */
export interface TextStyle {
  escape(value: string): string
  /** What the last lines look like; there is at least one. */
  lines(lines: readonly string[]): string
}

const values = {
  watcher: ({ watcher }: Message) => watcher,
  event: ({ event }: Message) => event,
  summary: ({ summary }: Message) => summary,
  reason: ({ reason }: Message) => reason,
  pid: ({ pid }: Message) => String(pid ?? ''),
  exit_code: ({ exit_code }: Message) => String(exit_code ?? ''),
  signal: ({ signal }: Message) => signal ?? '',
  host: ({ host }: Message) => host,
  count: ({ count }: Message) => String(count),
  time: ({ time }: Message) => new Date(time * 1000).toISOString(),
}

/** `{NAME}` stands for a value, `\n` for a new line. Throws, in words, when there is no such value. */
export function parseTemplate(source: string): Template {
  const template = source.replaceAll('\\n', '\n')
  for (const [, name] of template.matchAll(variable)) {
    if (name !== 'lines' && !Object.hasOwn(values, name!)) {
      throw new Error(`a text with values out of {lines}, {${Object.keys(values).join('}, {')}}`)
    }
  }
  return (message, style) =>
    template
      .replaceAll(variable, (_, name: keyof typeof values | 'lines') => {
        if (name !== 'lines') return style.escape(values[name](message))
        return message.lines.length > 0 ? style.lines(message.lines.map(style.escape)) : ''
      })
      .trimEnd()
}

const variable = /\{([a-z_]+)\}/g

/** For programs, and who knows no markup. */
export const plain: TextStyle = { escape: (value) => value, lines: (lines) => lines.join('\n') }

/** For Slack and what understands it: what processes write cannot call people or make links. */
export const slack: TextStyle = {
  escape: (value) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  lines: (lines) => `\`\`\`\n${lines.map((line) => line.replaceAll('```', "'''")).join('\n')}\n\`\`\``,
}

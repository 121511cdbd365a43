import { columns, section } from '../columns.ts'
import type { ControlCommand } from '../command.ts'
import { consoleCommands } from './console-commands.ts'

/** What `help` prints: every command, and those of the console. */
export function overview(commands: readonly ControlCommand[]): string {
  const row = ({ name, summary, plugin }: ControlCommand) =>
    [name, plugin === undefined ? summary : `${summary} (plugin ${plugin})`] as const
  const own = new Set(consoleCommands.map(({ name }) => name))
  const daemon = commands.filter(({ name }) => !own.has(name))
  const width = Math.max(...commands.map(({ name }) => name.length))
  const rows = (some: readonly ControlCommand[]) =>
    columns(some.map(row).map(([name, text]) => [name.padEnd(width), text]))
  return [
    section('COMMANDS', rows([...daemon].sort((a, b) => (a.name < b.name ? -1 : 1)))),
    section('THE CONSOLE', rows(consoleCommands)),
    'help COMMAND tells more about one. Words are quoted as in a shell; Tab completes them.',
  ].join('\n\n')
}

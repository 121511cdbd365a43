import type { ControlCommand } from '../command.ts'

export const listsockets: ControlCommand = {
  name: 'listsockets',
  summary: 'List the managed sockets, with their descriptors.',
  print: ({ sockets }) =>
    (sockets as Readonly<Record<string, unknown>>[])
      .map(({ fd, name, path, host, port }) => `${fd}:socket '${name}' at ${path ?? `${host}:${port}`}`)
      .join('\n'),
}

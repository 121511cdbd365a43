import type { ControlCommand } from '../command.ts'
import { childrenOf, infoLines, type ProcessInfo } from '../infos.ts'

export const dstats: ControlCommand = {
  name: 'dstats',
  summary: "Show the daemon's own processor time, memory and age.",
  print({ info }) {
    const { children, ...daemon } = Object(info) as Record<string, unknown>
    const processes = childrenOf({ children }).flatMap((child) => infoLines(child, ''))
    return [
      'Main Process:',
      ...infoLines(daemon as ProcessInfo).map((line) => `    ${line}`),
      ...(processes.length > 0 ? ['Children:', ...processes.map((line) => `    ${line}`)] : []),
    ].join('\n')
  },
}

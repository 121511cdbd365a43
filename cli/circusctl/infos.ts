import { float } from './format.ts'

/** The statistics of one process as a daemon sends them; a text in their place when it is gone. */
export type ProcessInfo = Readonly<Record<string, unknown>> | string

/** The statistics of a process and its children as the original prints them, each on a line. */
export function infoLines(info: ProcessInfo, indent = '   '): string[] {
  if (typeof info === 'string') return [info]
  const children = childrenOf(info).flatMap((child) => infoLines(child, indent))
  return [infoLine(info), ...children.map((line) => `${indent}${line}`)]
}

/** The children in a process's statistics. */
export function childrenOf(info: ProcessInfo): readonly ProcessInfo[] {
  return typeof info === 'object' && Array.isArray(info.children) ? info.children : []
}

function infoLine({ pid, cmdline, username, nice, mem_info1, mem_info2, cpu, mem, ctime }: Record<string, unknown>) {
  return `${pid}  ${cmdline} ${username} ${nice} ${mem_info1} ${mem_info2} ${float(cpu)} ${float(mem)} ${ctime}`
}

import { cpus, loadavg, release, totalmem } from 'node:os'

/** One line about where the figures come from. */
export function machineFacts(): string {
  const cores = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`
  const load = loadavg()[0]!.toFixed(2)
  return `${cores.length} × ${cores[0]?.model ?? process.arch}, ${memory}, Linux ${release()}, Node ${process.version}, load ${load} at the start`
}

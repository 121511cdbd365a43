import { formatFigure } from './table.ts'
import type { FigureName, Figures } from './trial.ts'

type Medians = ReadonlyMap<string, Figures>

const peers = ['runit', 's6', 'supervisor', 'pm2']

/** One line for each promise of the project that this run can judge: `holds`, or `MISSED`, with the figures. */
export function judge(medians: Medians, growthKilobytes: number | undefined): string[] {
  const lines: string[] = []
  const promise = (text: string, figure: FigureName, others: readonly string[], factor: number) => {
    const own = medians.get('circusd')?.[figure]
    const compared = others.map((name) => medians.get(name)?.[figure]).filter((value) => value !== undefined)
    if (own === undefined || compared.length === 0) return
    const bound = Math.min(...compared) * factor
    lines.push(verdict(own <= bound, `${text}: ${formatFigure(own)}, bound ${formatFigure(bound)}`))
  }

  promise('all alive ahead of every peer', 'allAliveSeconds', peers, 1)
  promise('all alive within 2.5 × the limit', 'allAliveSeconds', ['limit'], 2.5)
  promise('successor p50 within 3 × the limit', 'successorP50Ms', ['limit'], 3)
  promise('successor p99 within 10 × the limit', 'successorP99Ms', ['limit'], 10)
  promise('storm within 2.5 × the limit', 'stormSeconds', ['limit'], 2.5)
  promise('stop ahead of every peer', 'stopSeconds', peers, 1)
  promise('status ahead of every peer but runit', 'statusMs', ['s6', 'supervisor', 'pm2'], 1)
  promise("idle CPU no more than Supervisor's", 'idleCpuSeconds', ['supervisor'], 1)
  promise("PSS below PM2's by a third", 'pssMegabytes', ['pm2'], 2 / 3)
  if (growthKilobytes !== undefined) {
    lines.push(verdict(growthKilobytes < 20, `each further process below 20 KB: ${formatFigure(growthKilobytes)}`))
  }
  return lines
}

function verdict(holds: boolean, text: string): string {
  return `${holds ? 'holds ' : 'MISSED'}  ${text}`
}
